import type { Context } from 'aws-lambda';
import type { InvocationResult, LambdaError } from '../../local/cloud/lambda-sandbox.ts';
import type { Script } from './script.ts';
import type { Mortal, SimulatedTime } from './simulated-time.ts';

/** The handler of a function, in an execution environment of its own. */
export type Handler = (event: never, context: Context) => Promise<unknown>;

export interface FunctionDefinition {
  timeoutMs: number;
  /** Starts an execution environment. */
  start: () => Handler;
}

interface Invocation extends Mortal {
  end: (result: InvocationResult) => void;
}

/** The functions of the product. Any invocation can be killed at any moment. */
export interface Lambda {
  invoke: (functionName: string, payload: unknown) => Promise<InvocationResult>;
  /** Kills the invocation that is calling, if there is one. */
  kill: (how: 'crashes' | 'hangs') => void;
  killAll: () => void;
}

export function createLambda(
  { time, script }: { time: SimulatedTime; script: Script },
  functions: ReadonlyMap<string, FunctionDefinition>,
): Lambda {
  const idle = new Map<string, Handler[]>();
  const alive = new Map<Mortal, Invocation>();

  const perform = (name: string, payload: unknown): Promise<InvocationResult> => {
    const definition = functions.get(name);
    if (!definition) throw new Error(`no function ${name}`);
    const handlers = idle.get(name) ?? [];
    idle.set(name, handlers);
    return new Promise((resolve) => {
      const invocation: Invocation = {
        isDead: false,
        end: (result) => {
          invocation.isDead = true;
          alive.delete(invocation);
          resolve(result);
        },
      };
      alive.set(invocation, invocation);
      const handler = handlers.pop() ?? definition.start();
      const timeout = setTimeout(() => invocation.end({ error: TIMED_OUT }), definition.timeoutMs);
      const event = JSON.parse(JSON.stringify(payload)) as never;
      const context = contextOf(name, time.now().getTime() + definition.timeoutMs, time);
      void time
        .as(invocation, () => handler(event, context))
        .then(resultOf, failureOf)
        .then((result) => {
          // The environment of an invocation that was killed is not used again.
          if (invocation.isDead) return;
          clearTimeout(timeout);
          handlers.push(handler);
          invocation.end(result);
        });
    });
  };
  return {
    invoke: async (name, payload) => {
      const how = await script.invocation();
      if (how === 'is throttled') return { error: errorOf('Lambda.TooManyRequestsException') };
      if (how === 'fails') return { error: errorOf('Lambda.ServiceException') };
      if (how === 'is repeated while it works') {
        void perform(name, payload);
        await time.sleep(CALLERS_PATIENCE_MS);
        return { error: errorOf('Lambda.ClientExecutionTimeoutException') };
      }
      const result = await perform(name, payload);
      return how === 'loses its answer' ? { error: errorOf('Lambda.SdkClientException') } : result;
    },
    kill: (how) => {
      const owner = time.owner();
      const invocation = owner && alive.get(owner);
      if (!invocation) return;
      // One that hangs ends by its timeout, which belongs to Lambda and not to the invocation.
      if (how === 'hangs') invocation.isDead = true;
      else invocation.end({ error: errorOf('Runtime.ExitError') });
    },
    killAll: () => {
      for (const invocation of alive.values()) invocation.isDead = true;
      alive.clear();
      idle.clear();
    },
  };
}

/** Less than most invocations take. */
const CALLERS_PATIENCE_MS = 300;

const errorOf = (errorType: string): LambdaError => ({ errorType, errorMessage: 'injected', trace: [] });
const TIMED_OUT = { ...errorOf('Sandbox.Timedout'), errorMessage: 'Task timed out' };

const resultOf = (result: unknown): InvocationResult => ({ payload: JSON.stringify(result ?? null) });

const failureOf = (error: unknown): InvocationResult =>
  error instanceof Error
    ? { error: { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] } }
    : { error: errorOf(String(error)) };

function contextOf(functionName: string, endMs: number, time: SimulatedTime): Context {
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: functionName,
    memoryLimitInMB: '512',
    awsRequestId: `request-${endMs}`,
    logGroupName: 'nights',
    logStreamName: functionName,
    getRemainingTimeInMillis: () => endMs - time.now().getTime(),
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}

/** An invocation without a caller who waits: Lambda retries a failed one after one minute, and after two. */
export async function invokeLater(
  { invoke }: Lambda,
  time: SimulatedTime,
  { name, event }: { name: string; event: unknown },
): Promise<void> {
  for (const minutes of [0, 1, 2]) {
    await time.sleep(minutes * 60_000);
    const result = await invoke(name, event);
    if (!('error' in result)) return;
  }
}
