import { AsyncLocalStorage } from 'node:async_hooks';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import type { FromSandbox, InvocationResult, LambdaError, SandboxData, ToSandbox } from './lambda-sandbox.ts';
import { processBytes } from './sandbox-memory.ts';
import { scaleTime } from './time-scale.ts';

/**
 * Runs inside a sandbox and does what the Node.js runtime of Lambda does around a handler.
 * @see https://github.com/aws/aws-lambda-nodejs-runtime-interface-client
 */

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const RESPONSE_LIMIT_BYTES = 6_291_556;

const { config, assetFolder, logStreamName, timeScale }: SandboxData = workerData;
if (timeScale) scaleTime(timeScale);
const current = new AsyncLocalStorage<string>();
const requestId = () => current.getStore() ?? '';

const post = (message: FromSandbox) => parentPort?.postMessage(message);
const log = (message: string) => post({ kind: 'log', timestamp: Date.now(), message });
const end = (result: InvocationResult) =>
  post({ kind: 'ended', result, memoryBytes: processBytes(getHeapStatistics()) });

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const CONSOLE_LEVELS = {
  trace: 'TRACE',
  debug: 'DEBUG',
  log: 'INFO',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
};

function captureOutput(): void {
  const write = (chunk: Uint8Array | string, ...rest: unknown[]) => {
    const text = Buffer.from(chunk).toString('utf8').replace(/\n$/, '');
    if (isAtLevel(levelOf(text))) log(text);
    const done = rest.at(-1);
    if (typeof done === 'function') done();
    return true;
  };
  process.stdout.write = write;
  process.stderr.write = write;
  for (const [method, level] of Object.entries(CONSOLE_LEVELS)) {
    Object.assign(console, { [method]: (...parts: unknown[]) => logAtLevel(level, format(...parts)) });
  }
}

/** Lambda drops lines below the log level of the function, if its log format is JSON. */
const isAtLevel = (level: string): boolean =>
  config.logFormat === 'Text' || LEVELS.indexOf(level) >= LEVELS.indexOf(config.applicationLogLevel);

/** A line without a level and a time counts as INFO. */
function levelOf(text: string): string {
  try {
    const { level, timestamp } = Object(JSON.parse(text));
    const isValid = LEVELS.includes(String(level).toUpperCase()) && !Number.isNaN(Date.parse(timestamp));
    return isValid ? String(level).toUpperCase() : 'INFO';
  } catch {
    return 'INFO';
  }
}

function logAtLevel(level: string, message: unknown): void {
  const timestamp = new Date().toISOString();
  if (config.logFormat === 'Text') {
    log(
      [timestamp, requestId(), level, typeof message === 'string' ? message : JSON.stringify(message)].join(
        '\t',
      ),
    );
  } else if (isAtLevel(level)) {
    log(JSON.stringify({ timestamp, level, requestId: requestId(), message }));
  }
}

function describeError(error: unknown): LambdaError {
  if (error instanceof Error) {
    return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function logError(label: string, { errorType, errorMessage, trace }: LambdaError): void {
  const stack = config.logFormat === 'Text' ? { stack: trace } : { stackTrace: trace };
  const description = { errorType, errorMessage, ...stack };
  logAtLevel('ERROR', config.logFormat === 'Text' ? `${label}\t${JSON.stringify(description)}` : description);
}

type Handler = (event: unknown, context: object) => unknown;

/** The event and the context. Lambda's Node.js 24 runtime refuses a third one, because it would be a callback. */
const PARAMETERS = 2;
const WITH_CALLBACK = `The handler has more than ${PARAMETERS} parameters, but Lambda does not support callbacks since Node.js 24`;

async function loadHandler(): Promise<Handler> {
  const dot = config.handler.lastIndexOf('.');
  const exported: unknown = await importModule(path.join(assetFolder, config.handler.slice(0, dot)));
  const name = config.handler.slice(dot + 1);
  const handler: unknown = Object(exported)[name];
  if (typeof handler !== 'function') {
    throw named('Runtime.HandlerNotFound', `${config.handler} is undefined or not exported`);
  }
  if (handler.length > PARAMETERS) throw named('Runtime.CallbackHandlerDeprecated', WITH_CALLBACK);
  return (event, context) => handler(event, context);
}

async function importModule(withoutExtension: string): Promise<unknown> {
  for (const extension of ['.mjs', '.js', '.cjs']) {
    const url = pathToFileURL(withoutExtension + extension).href;
    try {
      return await import(url);
    } catch (error) {
      if (Object(error).code !== 'ERR_MODULE_NOT_FOUND') throw error;
      if (Object(error).url === url) continue;
      Object.assign(Object(error), { name: 'Runtime.ImportModuleError' });
      throw error;
    }
  }
  throw named('Runtime.ImportModuleError', `Cannot find module '${path.basename(withoutExtension)}'`);
}

const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });

function contextFor(invocation: ToSandbox) {
  // The sandbox limits the real time of a function. On a scaled clock that is as many times longer.
  const deadlineMs = Date.now() + config.timeoutMs * (timeScale?.scale ?? 1);
  return {
    awsRequestId: invocation.requestId,
    functionName: config.name,
    functionVersion: '$LATEST',
    invokedFunctionArn: config.arn,
    memoryLimitInMB: String(config.memoryMb),
    logGroupName: config.logGroup,
    logStreamName,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
}

async function run(handler: Handler, invocation: ToSandbox): Promise<void> {
  try {
    const result = await handler(JSON.parse(invocation.event), contextFor(invocation));
    const payload = JSON.stringify(result) ?? 'null';
    end(Buffer.byteLength(payload) <= RESPONSE_LIMIT_BYTES ? { payload } : { error: tooLarge() });
  } catch (thrown) {
    const error = describeError(thrown);
    logError('Invoke Error', error);
    end({ error });
  }
}

const tooLarge = (): LambdaError => ({
  errorType: 'Function.ResponseSizeTooLarge',
  errorMessage: `Response payload size exceeded maximum allowed payload size (${RESPONSE_LIMIT_BYTES} bytes).`,
  trace: [],
});

captureOutput();
try {
  const handler = await loadHandler();
  parentPort?.on('message', (invocation: ToSandbox) => {
    current.run(invocation.requestId, () => void run(handler, invocation));
  });
  post({ kind: 'ready' });
} catch (thrown) {
  const error = describeError(thrown);
  logError('Init Error', error);
  post({ kind: 'unusable', error });
}
