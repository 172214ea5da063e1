import type { PlacedState } from './definition-lint.ts';
import { isServiceTask, type RunEvent, type TaskCall } from './state-machine-run.ts';
import { REGION } from './template.ts';

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html */
export interface HistoryEvent {
  id: number;
  /** Of the event that this one follows from, which need not be the one before it; 0 where there is none. */
  previousEventId: number;
  type: string;
  /** Epoch milliseconds. */
  timestamp: number;
  details?: Record<string, unknown>;
}

/** An event before its place in the history is known. */
export type News = Omit<HistoryEvent, 'id' | 'previousEventId'>;

/** The text of an input or an output, and that all of it is there. */
export const payload = (kind: 'input' | 'output', text: string | undefined) => ({
  [kind]: text,
  [`${kind}Details`]: { truncated: false },
});

const toText = (value: unknown): string | undefined => JSON.stringify(value);

const SERVICE = { resourceType: 'lambda', resource: 'invoke' };

export const entryOf = ({ name, state }: PlacedState, { state: told, timestamp }: RunEvent): News => ({
  type: `${state.Type}StateEntered`,
  timestamp,
  details: { name, ...payload('input', toText(told?.input)) },
});

export const exitOf = ({ name, state }: PlacedState, { state: told, timestamp }: RunEvent): News => ({
  type: `${state.Type}StateExited`,
  timestamp,
  details: { name, ...payload('output', toText(told?.output)) },
});

/** A function is started as soon as it is scheduled here, although its worker may be busy. */
export function startOfCall({ state }: PlacedState, call: TaskCall, timestamp: number): News[] {
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
): News => ({
  ...ofCall(resource, 'Succeeded', payload('output', toText(output))),
  timestamp,
});

export function failureOfCall({ resource }: TaskCall, { Error: error, Cause, timestamp }: RunEvent): News {
  if (error === 'States.Timeout') return { ...ofCall(resource, 'TimedOut', { error }), timestamp };
  const cause = typeof Cause === 'string' ? Cause : toText(Cause);
  return { ...ofCall(resource, 'Failed', { error, cause }), timestamp };
}

const ofCall = (resource: string, end: string, details: object) =>
  isServiceTask(resource)
    ? { type: `Task${end}`, details: { ...SERVICE, ...details } }
    : { type: `LambdaFunction${end}`, details: { ...details } };

/** How many items a Map has. */
export function countItems({ state }: PlacedState, input: unknown): number | undefined {
  const items = readPath(readPath(input, state['InputPath']), state['ItemsPath']);
  return Array.isArray(items) ? items.length : undefined;
}

/** Of a Map that names none, in the engine. */
const DEFAULT_LIMIT = 40;

/** How many iterations of a Map may be under way at once. */
export function limitOf({ state }: PlacedState, input: unknown): number {
  const { InputPath, MaxConcurrency, MaxConcurrencyPath } = state;
  const limit =
    MaxConcurrencyPath === undefined
      ? MaxConcurrency
      : readPath(readPath(input, InputPath), MaxConcurrencyPath);
  return Number(limit ?? 0) || DEFAULT_LIMIT;
}

/** What a path says that only names fields and elements; of any other, nothing. */
function readPath(value: unknown, path: unknown = '$'): unknown {
  if (typeof path !== 'string' || !/^\$(?!\$)/.test(path)) return undefined;
  const keys = [...path.matchAll(/\.([\w-]+)|\['([^']+)'\]|\[(\d+)\]/g)].map((found) =>
    found.slice(1).find((key) => key !== undefined),
  );
  return keys.reduce<unknown>((found, key) => new Map(Object.entries(Object(found))).get(key ?? ''), value);
}
