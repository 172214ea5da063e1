import { randomBytes } from 'node:crypto';
// From node:timers, so that TIME_SCALE does not shorten timeouts: functions do not run any faster.
import { clearTimeout, setTimeout } from 'node:timers';
import { Worker } from 'node:worker_threads';
import { watchMemory } from './sandbox-memory.ts';
import type { TimeScale } from './time-scale.ts';

export interface FunctionConfig {
  name: string;
  arn: string;
  /** `<module>.<export>` in the asset. */
  handler: string;
  memoryMb: number;
  timeoutMs: number;
  environment: Record<string, string>;
  logGroup: string;
  logFormat: 'Text' | 'JSON';
  applicationLogLevel: string;
  systemLogLevel: 'DEBUG' | 'INFO' | 'WARN';
}

/** The error of a failed invocation, worded as by the Lambda runtime. */
export interface LambdaError {
  errorType: string;
  errorMessage: string;
  trace: string[];
}

/** The handler's result as JSON text, or its error. */
export type InvocationResult = { payload: string } | { error: LambdaError };

export interface SandboxData {
  config: FunctionConfig;
  assetFolder: string;
  logStreamName: string;
  timeScale: TimeScale | undefined;
}

export interface ToSandbox {
  requestId: string;
  /** JSON text, so that the handler gets a copy. */
  event: string;
}

export type FromSandbox =
  | { kind: 'ready' }
  | { kind: 'unusable'; error: LambdaError }
  | { kind: 'log'; timestamp: number; message: string }
  /** With the memory that the function uses at its end, before any of it is freed. */
  | { kind: 'ended'; result: InvocationResult; memoryBytes: number };

/** An execution environment. It handles one invocation at a time, and is reused while it is alive. */
export interface Sandbox {
  readonly isAlive: boolean;
  readonly logStreamName: string;
  /** The largest amount of memory so far, as in Lambda's reports. */
  readonly maxMemoryUsedMb: number;
  invoke(invocation: ToSandbox): Promise<InvocationResult>;
  close(): Promise<void>;
}

export interface SandboxOptions {
  config: FunctionConfig;
  assetFolder: string;
  log: (event: { timestamp: number; message: string; logStreamName: string }) => void;
  timeScale: TimeScale | undefined;
}

/** The time limit of initialization, which does not count towards the function's timeout. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html */
const INIT_LIMIT_MS = 10_000;

export function openSandbox({ config, assetFolder, log, timeScale }: SandboxOptions): Sandbox {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  const logStreamName = `${day}/${config.name}[$LATEST]${randomBytes(16).toString('hex')}`;
  const worker = new Worker(new URL('./lambda-worker.ts', import.meta.url), {
    workerData: { config, assetFolder, logStreamName, timeScale } satisfies SandboxData,
    env: { ...config.environment, AWS_LAMBDA_LOG_STREAM_NAME: logStreamName },
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: config.memoryMb },
  });
  const current = createCurrentInvocation(config.timeoutMs);
  let isAlive = true;
  const die = (error: LambdaError) => {
    isAlive = false;
    memory.stop();
    current.finish({ error });
    void worker.terminate();
  };
  const memory = watchMemory({
    memoryMb: config.memoryMb,
    measure: () => worker.getHeapStatistics(),
    onExceeded: () => die(outOfMemory(current.requestId())),
  });
  worker.on('message', (message: FromSandbox) => {
    switch (message.kind) {
      case 'ready':
        return current.initialized();
      case 'log':
        return log({ timestamp: message.timestamp, message: message.message, logStreamName });
      case 'ended':
        memory.measured(message.memoryBytes);
        memory.stop();
        return current.finish(message.result);
      case 'unusable':
        return die(message.error);
      default:
        return message satisfies never;
    }
  });
  worker.on('error', (error) => die(describeCrash(error, current.requestId())));
  worker.on('exit', (code) => die(exitError(current.requestId(), `exit status ${code}`)));
  return {
    get isAlive() {
      return isAlive;
    },
    logStreamName,
    get maxMemoryUsedMb() {
      return memory.maxUsedMb();
    },
    invoke: (invocation) => {
      const { requestId } = invocation;
      worker.postMessage(invocation satisfies ToSandbox);
      memory.start();
      return current.begin(requestId, () => die(timedOut(requestId, config.timeoutMs)));
    },
    close: async () => {
      memory.stop();
      await worker.terminate();
    },
  };
}

interface RunningInvocation {
  requestId: string;
  resolve: (result: InvocationResult) => void;
  expire: () => void;
}

/** The running invocation and its time limit, which is that of initialization first and then that of the function. */
function createCurrentInvocation(timeoutMs: number) {
  let isInitialized = false;
  let current: RunningInvocation | undefined;
  let timer: NodeJS.Timeout | undefined;
  const restartTimer = () => {
    clearTimeout(timer);
    if (current !== undefined) timer = setTimeout(current.expire, isInitialized ? timeoutMs : INIT_LIMIT_MS);
  };
  return {
    requestId: () => current?.requestId ?? '',
    begin: (requestId: string, expire: () => void) =>
      new Promise<InvocationResult>((resolve) => {
        current = { requestId, resolve, expire };
        restartTimer();
      }),
    initialized: () => {
      isInitialized = true;
      restartTimer();
    },
    finish: (result: InvocationResult) => {
      clearTimeout(timer);
      current?.resolve(result);
      current = undefined;
    },
  };
}

const runtimeError = (errorType: string, requestId: string, reason: string): LambdaError => ({
  errorType,
  errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${reason}`,
  trace: [],
});

const exitError = (requestId: string, reason: string) => runtimeError('Runtime.ExitError', requestId, reason);

/** Lambda kills a process that exceeds its memory. */
const outOfMemory = (requestId: string) => runtimeError('Runtime.OutOfMemory', requestId, 'signal: killed');

function describeCrash(error: unknown, requestId: string): LambdaError {
  if (!(error instanceof Error)) return exitError(requestId, String(error));
  if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') return outOfMemory(requestId);
  return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] };
}

function timedOut(requestId: string, timeoutMs: number): LambdaError {
  const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
  return { errorType: 'Sandbox.Timedout', errorMessage, trace: [] };
}
