import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { FunctionConfig, InvocationResult, LambdaError } from './lambda-sandbox.ts';
import { openSandbox } from './lambda-sandbox.ts';
import type { LogEvent, Logs } from './logs.ts';
import type { MessageAttributes, Queues } from './queues.ts';
import { createSandboxPool } from './sandbox-pool.ts';
import { REGION } from './template.ts';
import type { TimeScale } from './time-scale.ts';

export interface LambdaFunction {
  config: FunctionConfig;
  assetFolder: string;
  maxConcurrency: number;
  /** Retries of an asynchronous invocation after a function error. */
  maxRetryAttempts: number;
  /** The ARN of the queue for the events of asynchronous invocations that failed on every attempt. */
  deadLetterQueue?: string | undefined;
}

export interface Lambda {
  /** Invokes a function by name or ARN. Waits while all of its sandboxes are busy. */
  invoke(nameOrArn: string, event: unknown): Promise<InvocationResult>;
  /**
   * Invokes as an event source does: retries after function errors, then logs that it gives up, and sends the event to
   * the function's dead-letter queue, if it has one.
   * @throws {Error} if there is no such function
   */
  invokeAsync(nameOrArn: string, event: unknown): Promise<void>;
  close(): Promise<void>;
}

export interface LambdaOptions {
  functions: readonly LambdaFunction[];
  logs: Logs;
  timeScale?: TimeScale | undefined;
  queues: Pick<Queues, 'send'>;
  /** Delay before each retry. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
  retryDelaysMs?: readonly number[];
}

const RETRY_DELAYS_MS = [60_000, 120_000];

/** A function can be named by its name or its ARN, with or without the version. */
export const nameOfFunction = (nameOrArn: string) =>
  nameOrArn.replace(/^arn:.*:function:/, '').replace(/:\$LATEST$/, '');

export function startLambda(options: LambdaOptions): Lambda {
  const { functions, queues, retryDelaysMs = RETRY_DELAYS_MS } = options;
  const running = new Map(functions.map((fn) => [fn.config.name, startFunction(fn, options)]));
  const closing = new AbortController();
  const functionOf = (nameOrArn: string) => {
    const found = running.get(nameOfFunction(nameOrArn));
    if (found === undefined) throw new Error(`There is no function ${nameOrArn}.`);
    return found;
  };
  return {
    invoke: async (nameOrArn, event) => functionOf(nameOrArn).invoke(randomUUID(), event),
    invokeAsync: async (nameOrArn, event) => {
      const fn = functionOf(nameOrArn);
      const requestId = randomUUID();
      let lastError: LambdaError | undefined;
      for (let attempt = 0; attempt <= fn.maxRetryAttempts; attempt++) {
        if (attempt > 0 && !(await waitFor(retryDelaysMs[attempt - 1] ?? 0, closing.signal))) return;
        const result = await fn.invoke(requestId, event);
        if ('payload' in result || closing.signal.aborted) return;
        lastError = result.error;
      }
      fn.logFailed(requestId, await sendDeadLetter(queues, { fn, event, requestId, error: lastError }));
    },
    close: async () => {
      closing.abort();
      await Promise.all([...running.values()].map((fn) => fn.close()));
    },
  };
}

/** Resolves with false when the signal aborted the wait. */
const waitFor = (ms: number, signal: AbortSignal) =>
  delay(ms, true, { signal }).catch((error: Error) => {
    if (error.name === 'AbortError') return false;
    throw error;
  });

interface DeadLetter {
  fn: RunningFunction;
  event: unknown;
  requestId: string;
  error: LambdaError | undefined;
}

/** Sends an event to the function's dead-letter queue, and says what became of it. */
async function sendDeadLetter(
  queues: Pick<Queues, 'send'>,
  { fn: { deadLetterQueue }, event, requestId, error }: DeadLetter,
): Promise<string> {
  if (deadLetterQueue === undefined) return 'Dropped the event';
  try {
    await queues.send(deadLetterQueue, JSON.stringify(event), deadLetterAttributes(requestId, error));
    return `Sent the event to ${deadLetterQueue.split(':').at(-1)}`;
  } catch (cause) {
    return `Dropped the event, which its dead-letter queue refused (${cause}),`;
  }
}

const MAX_ERROR_BYTES = 1_024;

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
function deadLetterAttributes(requestId: string, error: LambdaError | undefined): MessageAttributes {
  const message = Buffer.from(error?.errorMessage ?? '')
    .subarray(0, MAX_ERROR_BYTES)
    .toString();
  return {
    RequestID: { DataType: 'String', StringValue: requestId },
    // The status of the invocation, which is 200 for an error of the function.
    ErrorCode: { DataType: 'Number', StringValue: '200' },
    ...(message !== '' && { ErrorMessage: { DataType: 'String' as const, StringValue: message } }),
  };
}

interface RunningFunction {
  maxRetryAttempts: number;
  deadLetterQueue: string | undefined;
  invoke(requestId: string, event: unknown): Promise<InvocationResult>;
  /** @param fate what became of the event. */
  logFailed(requestId: string, fate: string): void;
  close(): Promise<void>;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const EVENT_LIMIT_BYTES = 6 * 1024 * 1024;

export const EVENT_TOO_LARGE: LambdaError = {
  errorType: 'RequestEntityTooLargeException',
  errorMessage: `The event is larger than ${EVENT_LIMIT_BYTES} bytes.`,
  trace: [],
};

const CLOSED: LambdaError = {
  errorType: 'ServiceException',
  errorMessage: 'The cloud is closed.',
  trace: [],
};

function startFunction(
  fn: LambdaFunction,
  { logs, timeScale }: Pick<LambdaOptions, 'logs' | 'timeScale'>,
): RunningFunction {
  const { assetFolder, maxConcurrency, maxRetryAttempts, deadLetterQueue } = fn;
  const config = {
    ...fn.config,
    environment: { ...fn.config.environment, ...reservedEnvironment(fn.config) },
  };
  let isOpen = true;
  const log = (event: LogEvent) => {
    if (isOpen) logs.append(config.logGroup, event);
  };
  const logLines = (logStreamName: string, lines: string[]) => {
    for (const message of lines) log({ timestamp: Date.now(), message, logStreamName });
  };
  const pool = createSandboxPool(() => openSandbox({ config, assetFolder, log, timeScale }), maxConcurrency);
  return {
    maxRetryAttempts,
    deadLetterQueue,
    invoke: async (requestId, event) => {
      const text = JSON.stringify(event);
      if (Buffer.byteLength(text) > EVENT_LIMIT_BYTES) return { error: EVENT_TOO_LARGE };
      const sandbox = await pool.acquire();
      if (sandbox === undefined) return { error: CLOSED };
      const startedAt = performance.now();
      logLines(sandbox.logStreamName, startLines(config, requestId));
      const result = await sandbox.invoke({ requestId, event: text });
      const durationMs = performance.now() - startedAt;
      const { maxMemoryUsedMb } = sandbox;
      logLines(sandbox.logStreamName, endLines(config, { requestId, result, durationMs, maxMemoryUsedMb }));
      pool.release(sandbox);
      return result;
    },
    logFailed: (requestId, fate) => {
      const message = `${fate} after ${maxRetryAttempts + 1} failed attempts.`;
      const line = { timestamp: new Date().toISOString(), level: 'ERROR', requestId, message };
      logLines('asynchronous-invocations', [JSON.stringify(line)]);
    },
    close: async () => {
      isOpen = false;
      await pool.close();
    },
  };
}

/** Lambda's reserved variables. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
function reservedEnvironment(config: FunctionConfig): Record<string, string> {
  return {
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: config.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: config.logGroup,
    AWS_LAMBDA_LOG_FORMAT: config.logFormat,
    ...(config.logFormat === 'JSON' && { AWS_LAMBDA_LOG_LEVEL: config.applicationLogLevel }),
    _HANDLER: config.handler,
  };
}

interface EndedInvocation {
  requestId: string;
  result: InvocationResult;
  durationMs: number;
  maxMemoryUsedMb: number;
}

const logsPlatform = (config: FunctionConfig) => config.systemLogLevel !== 'WARN';

function startLines(config: FunctionConfig, requestId: string): string[] {
  if (config.logFormat === 'Text') return [`START RequestId: ${requestId} Version: $LATEST`];
  return logsPlatform(config) ? [platformEvent('platform.start', { requestId, version: '$LATEST' })] : [];
}

const TIMED_OUT = 'Sandbox.Timedout';
/** The errors of Lambda itself. They are platform warnings, so they are logged at every system log level. */
const PLATFORM_ERRORS = [TIMED_OUT, 'Runtime.ExitError', 'Runtime.OutOfMemory'];

function endLines(config: FunctionConfig, ended: EndedInvocation): string[] {
  const { requestId, result } = ended;
  const error = 'error' in result ? result.error : undefined;
  const platformError = error && PLATFORM_ERRORS.includes(error.errorType) ? error : undefined;
  if (config.logFormat === 'JSON') {
    const isLogged = platformError !== undefined || logsPlatform(config);
    return isLogged ? [reportEvent(config, ended, error?.errorType)] : [];
  }
  const report = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${ended.durationMs.toFixed(2)} ms`,
    `Memory Size: ${config.memoryMb} MB`,
    `Max Memory Used: ${ended.maxMemoryUsedMb} MB`,
    ...(platformError ? ['Status: error', `Error Type: ${platformError.errorType}`] : []),
  ];
  return [
    `END RequestId: ${requestId}`,
    report.join('\t'),
    ...(platformError ? [lineOf(config, requestId, platformError)] : []),
  ];
}

/** https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html#platform-report */
function reportEvent(config: FunctionConfig, ended: EndedInvocation, errorType: string | undefined): string {
  const metrics = {
    durationMs: Number(ended.durationMs.toFixed(2)),
    memorySizeMB: config.memoryMb,
    maxMemoryUsedMB: ended.maxMemoryUsedMb,
  };
  const failure = errorType === TIMED_OUT ? 'timeout' : 'error';
  const outcome = errorType === undefined ? { status: 'success' } : { status: failure, errorType };
  return platformEvent('platform.report', { requestId: ended.requestId, metrics, ...outcome });
}

function lineOf(config: FunctionConfig, requestId: string, { errorType, errorMessage }: LambdaError): string {
  if (errorType !== TIMED_OUT) return `${errorMessage}\n${errorType}`;
  const seconds = (config.timeoutMs / 1000).toFixed(2);
  return `${new Date().toISOString()} ${requestId} Task timed out after ${seconds} seconds`;
}

const platformEvent = (type: string, record: object) =>
  JSON.stringify({ time: new Date().toISOString(), type, record });
