import { ExecutionError, StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { isTooDeep, MAX_JSON_LEVELS } from './aws-service.ts';
import { allStates, type Definition } from './definition-lint.ts';
import type { Execution } from './execution-store.ts';
import type { InvocationResult } from './lambda-sandbox.ts';

/** Limit of the input and the output of a state. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const PAYLOAD_LIMIT_BYTES = 262_144;

/** The longest delay of setTimeout; AWS allows a task 100 million seconds. */
const LONGEST_TIMEOUT_SECONDS = 2_147_483;

export interface RunOptions {
  definition: Definition;
  execution: Execution;
  invoke: (functionName: string, payload: unknown) => Promise<InvocationResult>;
  onEvent: (event: RunEvent) => void;
  /** Called for each attempt of a task, before the event that its state was entered or is retried. */
  onCall: (call: TaskCall) => void;
  warn: (message: string) => void;
}

/** One attempt of a task. The engine does not report these itself. */
export interface TaskCall {
  state: string;
  resource: string;
  parameters: unknown;
  /** Absent until the function has answered, and if it failed. */
  result?: { output: unknown; timestamp: number };
}

/** A progress event of the engine. `state` is absent from events of the execution as a whole. */
export interface RunEvent {
  type: string;
  timestamp: number;
  state?: { name: string; type: string; input: unknown; output?: unknown };
  /** The Map, in events of its iterations and of states inside them. */
  parentState?: { name: string };
  index?: number;
  Error?: string;
  Cause?: unknown;
}

export type StopReason = Pick<Execution, 'error' | 'cause'>;
type RunEnd = Pick<Execution, 'status' | 'output' | 'error' | 'cause'>;

export interface Run {
  /** Undefined when the run was closed: the execution has not ended, and restarts with the next cloud. */
  end: Promise<RunEnd | undefined>;
  stop(reason: StopReason): void;
  close(): void;
}

/** Runs one execution from its first state, and maps every possible end to a status. */
export function runStateMachine(options: RunOptions): Run {
  const { definition, execution, invoke, onEvent, onCall, warn } = options;
  const { TimeoutSeconds, ...untimed } = definition;
  const machine = new StateMachine(toEngine(untimed), { validationOptions: { noValidate: true } });
  let stopped: { end: RunEnd | undefined } | undefined;

  const countRetries = createRetryCounter();
  const perform = async (task: Omit<TaskCall, 'result'>) => {
    const retries = countRetries(task);
    const call: TaskCall = { ...task, parameters: withRetryCount(task.parameters, retries.count) };
    const { resource, parameters } = call;
    // After an abort, the engine still starts the tasks that were queued.
    if (stopped !== undefined) throw new FatalTaskError('States.Runtime', 'The execution was stopped.');
    onCall(call);
    const output = isServiceTask(resource)
      ? await invokeByParameters(parameters, invoke)
      : parsePayload(await invoke(resource, parameters));
    call.result = { output, timestamp: Date.now() };
    retries.end();
    return output;
  };
  const tasks = allStates(definition).filter(({ state }) => state.Type === 'Task');
  const handlers = tasks.map(({ name, state }) => [
    name,
    (parameters: unknown) => perform({ state: name, resource: state.Resource ?? '', parameters }),
  ]);
  const { abort, result, eventLogs } = machine.run(JSON.parse(execution.input), {
    overrides: { taskResourceLocalHandlers: Object.fromEntries(handlers) },
    context: {
      Execution: { Id: execution.executionArn, Name: execution.name },
      StateMachine: { Id: execution.stateMachineArn },
      State: { RetryCount: RETRY_COUNT },
    },
  });
  const halt = (end: RunEnd | undefined) => {
    stopped ??= { end };
    abort();
  };
  // Not the engine's own timeout, because it would still start queued tasks.
  const timer =
    TimeoutSeconds === undefined
      ? undefined
      : setTimeout(
          () => halt({ status: 'TIMED_OUT' }),
          Math.min(TimeoutSeconds, LONGEST_TIMEOUT_SECONDS) * 1000,
        );
  let events = forward(eventLogs, onEvent).catch((error) =>
    warn(`History of ${execution.executionArn}: ${error}`),
  );
  const endOfEngine = result.then(succeeded).catch((failure: unknown): RunEnd => {
    if (stopped !== undefined || failure instanceof ExecutionError) return failed(failure);
    // The engine itself has failed, for example to copy the input. It never ends its events then.
    events = Promise.resolve();
    return { status: 'FAILED', error: 'States.Runtime', cause: String(failure) };
  });
  return {
    end: endOfEngine.then(async (end) => {
      stopped ??= { end };
      clearTimeout(timer);
      await events;
      return stopped.end;
    }),
    stop: (reason) => halt({ status: 'ABORTED', ...reason }),
    close: () => halt(undefined),
  };
}

/** Sets task timeouts: the engine's default is 60 seconds, but on AWS only the function's own timeout applies. */
function toEngine(definition: Definition): StateMachineDefinition {
  const withTimeouts = structuredClone(definition);
  for (const { state } of allStates(withTimeouts)) {
    if (state.Type === 'Task' && state['TimeoutSecondsPath'] === undefined) {
      state['TimeoutSeconds'] = Math.min(
        Number(state['TimeoutSeconds'] ?? Infinity),
        LONGEST_TIMEOUT_SECONDS,
      );
    }
  }
  // The cast is safe: the lint has parsed the definition, and only the engine's type lists every field.
  return withTimeouts as unknown as StateMachineDefinition;
}

/** Replaced when a task is called, because the engine has only one context for all states. */
const RETRY_COUNT = '$$.State.RetryCount';

const withRetryCount = (parameters: unknown, count: number): unknown =>
  JSON.parse(JSON.stringify(parameters ?? null), (_, value) => (value === RETRY_COUNT ? count : value));

/** Counts consecutive failed calls of a task with the same parameters, which are retries of one another. */
function createRetryCounter() {
  const calls = new Map<string, number>();
  return ({ state, parameters }: Pick<TaskCall, 'state' | 'parameters'>) => {
    const key = `${state} ${JSON.stringify(parameters)}`;
    const count = calls.get(key) ?? 0;
    calls.set(key, count + 1);
    return { count, end: () => calls.delete(key) };
  };
}

class TaskError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** The engine neither retries nor catches this error, whatever the definition says. */
class FatalTaskError extends TaskError {
  readonly isRetryable = false;
  readonly isCatchable = false;
}

/** Such a task names its function in its parameters. In any other task, the resource is the function's ARN. */
export const isServiceTask = (resource: string) => resource.endsWith(':states:::lambda:invoke');

async function invokeByParameters(parameters: unknown, invoke: RunOptions['invoke']) {
  const { FunctionName, Payload } = Object(parameters);
  const payload = parsePayload(await invoke(String(FunctionName), Payload ?? {}));
  return { ExecutedVersion: '$LATEST', StatusCode: 200, Payload: payload };
}

/** @throws {TaskError} for a failed function: its errorType is the name, and the JSON of AWS is the cause */
function parsePayload(result: InvocationResult) {
  if ('error' in result) throw new TaskError(result.error.errorType, JSON.stringify(result.error));
  if (Buffer.byteLength(result.payload) > PAYLOAD_LIMIT_BYTES) {
    throw new FatalTaskError(
      'States.DataLimitExceeded',
      'The task returned a result larger than 262144 bytes.',
    );
  }
  const value: unknown = JSON.parse(result.payload);
  if (!isTooDeep(value)) return value;
  const why = `The task returned a result that is nested more than ${MAX_JSON_LEVELS} levels deep.`;
  throw new FatalTaskError('States.Runtime', why);
}

async function forward(events: AsyncIterable<RunEvent>, onEvent: (event: RunEvent) => void): Promise<void> {
  for await (const event of events) onEvent(event);
}

const succeeded = (output: unknown): RunEnd => ({ status: 'SUCCEEDED', output: JSON.stringify(output) });

function failed(failure: unknown): RunEnd {
  const reason = failure instanceof ExecutionError ? failure.cause : failure;
  if (!(reason instanceof Error)) return { status: 'FAILED', error: 'States.Runtime', cause: String(reason) };
  return { status: 'FAILED', error: reason.name, cause: reason.message };
}
