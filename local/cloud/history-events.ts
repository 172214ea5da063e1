import type { PlacedState } from './definition-lint.ts';
import { isServiceTask, type RunEvent, type TaskCall } from './state-machine-run.ts';
import { REGION } from './template.ts';

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html */
export interface HistoryEvent {
  id: number;
  /** The event that this one follows from, not necessarily the one before it; 0 if there is none. */
  previousEventId: number;
  type: string;
  /** Epoch milliseconds. */
  timestamp: number;
  details?: Record<string, unknown>;
}

/** An event that has no id yet. */
export type NewEvent = Omit<HistoryEvent, 'id' | 'previousEventId'>;

/** The details of an input or output, which is never truncated here. */
export const payload = (kind: 'input' | 'output', text: string | undefined) => ({
  [kind]: text,
  [`${kind}Details`]: { truncated: false },
});

const toText = (value: unknown): string | undefined => JSON.stringify(value);

const SERVICE = { resourceType: 'lambda', resource: 'invoke' };

export const entryOf = (
  { name, state }: PlacedState,
  { state: reported, timestamp }: RunEvent,
): NewEvent => ({
  type: `${state.Type}StateEntered`,
  timestamp,
  details: { name, ...payload('input', toText(reported?.input)) },
});

export const exitOf = ({ name, state }: PlacedState, { state: reported, timestamp }: RunEvent): NewEvent => ({
  type: `${state.Type}StateExited`,
  timestamp,
  details: { name, ...payload('output', toText(reported?.output)) },
});

/** Reports the function as started when it is scheduled, although all of its sandboxes may be busy. */
export function startOfCall({ state }: PlacedState, call: TaskCall, timestamp: number): NewEvent[] {
  const { TimeoutSeconds: seconds } = state;
  const timeout = typeof seconds === 'number' ? { timeoutInSeconds: seconds } : {};
  const parameters = toText(call.parameters);
  if (isServiceTask(call.resource)) {
    const scheduled = { ...SERVICE, region: REGION, parameters, ...timeout };
    return [
      { type: 'TaskScheduled', timestamp, details: scheduled },
      { type: 'TaskStarted', timestamp, details: SERVICE },
    ];
  }
  const scheduled = { resource: call.resource, ...payload('input', parameters), ...timeout };
  return [
    { type: 'LambdaFunctionScheduled', timestamp, details: scheduled },
    { type: 'LambdaFunctionStarted', timestamp },
  ];
}

export const successOfCall = (
  { resource }: TaskCall,
  { output, timestamp }: NonNullable<TaskCall['result']>,
): NewEvent => ({
  ...ofCall(resource, 'Succeeded', payload('output', toText(output))),
  timestamp,
});

export function failureOfCall(
  { resource }: TaskCall,
  { Error: error, Cause, timestamp }: RunEvent,
): NewEvent {
  if (error === 'States.Timeout') return { ...ofCall(resource, 'TimedOut', { error }), timestamp };
  const cause = typeof Cause === 'string' ? Cause : toText(Cause);
  return { ...ofCall(resource, 'Failed', { error, cause }), timestamp };
}

const ofCall = (resource: string, end: string, details: object) =>
  isServiceTask(resource)
    ? { type: `Task${end}`, details: { ...SERVICE, ...details } }
    : { type: `LambdaFunction${end}`, details: { ...details } };

/** The number of items of a Map. */
export function countItems({ state }: PlacedState, input: unknown): number | undefined {
  const items = readPath(readPath(input, state['InputPath']), state['ItemsPath']);
  return Array.isArray(items) ? items.length : undefined;
}

/** The engine's default. */
const DEFAULT_LIMIT = 40;

/** The number of iterations of a Map that may run at the same time. */
export function limitOf({ state }: PlacedState, input: unknown): number {
  const { InputPath, MaxConcurrency, MaxConcurrencyPath } = state;
  const limit =
    MaxConcurrencyPath === undefined
      ? MaxConcurrency
      : readPath(readPath(input, InputPath), MaxConcurrencyPath);
  return Number(limit ?? 0) || DEFAULT_LIMIT;
}

/** Evaluates a path that consists of fields and indexes only. Undefined for any other path. */
function readPath(value: unknown, path: unknown = '$'): unknown {
  if (typeof path !== 'string' || !/^\$(?!\$)/.test(path)) return undefined;
  const keys = [...path.matchAll(/\.([\w-]+)|\['([^']+)'\]|\[(\d+)\]/g)].map((found) =>
    found.slice(1).find((key) => key !== undefined),
  );
  return keys.reduce<unknown>((found, key) => new Map(Object.entries(Object(found))).get(key ?? ''), value);
}
