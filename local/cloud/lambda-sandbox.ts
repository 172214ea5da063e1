import { randomBytes } from 'node:crypto';
// From node:timers, so that TIME_SCALE does not shorten timeouts: functions do not run any faster.
import { clearTimeout, setTimeout } from 'node:timers';
import { Worker } from 'node:worker_threads';
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
  | { kind: 'result'; payload: string }
  | { kind: 'failure'; error: LambdaError };

/** An execution environment. It handles one invocation at a time, and is reused while it is alive. */
export interface Sandbox {
  readonly isAlive: boolean;
  readonly logStreamName: string;
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
    current.finish({ error });
    void worker.terminate();
  };
  worker.on('message', (message: FromSandbox) => {
    switch (message.kind) {
      case 'ready':
        return current.initialized();
      case 'log':
        return log({ timestamp: message.timestamp, message: message.message, logStreamName });
      case 'result':
        return current.finish({ payload: message.payload });
      case 'failure':
        return current.finish({ error: message.error });
      case 'unusable':
        return die(message.error);
      default:
        return message satisfies never;
    }
  });
  worker.on('error', (error) => die(describeCrash(error)));
  worker.on('exit', (code) => die(exitError(`Runtime exited with error: exit status ${code}`)));
  return {
    get isAlive() {
      return isAlive;
    },
    logStreamName,
    invoke: (invocation) => {
      worker.postMessage(invocation satisfies ToSandbox);
      return current.begin(() => die(timedOut(invocation.requestId, config.timeoutMs)));
    },
    close: async () => {
      await worker.terminate();
    },
  };
}

/** The running invocation and its time limit, which is that of initialization first and then that of the function. */
function createCurrentInvocation(timeoutMs: number) {
  let isInitialized = false;
  let current: { resolve: (result: InvocationResult) => void; expire: () => void } | undefined;
  let timer: NodeJS.Timeout | undefined;
  const restartTimer = () => {
    clearTimeout(timer);
    if (current !== undefined) timer = setTimeout(current.expire, isInitialized ? timeoutMs : INIT_LIMIT_MS);
  };
  return {
    begin: (expire: () => void) =>
      new Promise<InvocationResult>((resolve) => {
        current = { resolve, expire };
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

const exitError = (message: string): LambdaError => ({
  errorType: 'Runtime.ExitError',
  errorMessage: `Error: ${message}`,
  trace: [],
});

function describeCrash(error: unknown): LambdaError {
  if (!(error instanceof Error)) return exitError(String(error));
  // Lambda kills a process that exceeds its memory.
  if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return exitError('Runtime exited with error: signal: killed');
  }
  return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] };
}

function timedOut(requestId: string, timeoutMs: number): LambdaError {
  const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
  return { errorType: 'Sandbox.Timedout', errorMessage, trace: [] };
}
