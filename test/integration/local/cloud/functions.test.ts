import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type LambdaFunction, type LambdaOptions, startLambda } from '../../../../local/cloud/lambda.ts';
import type { FunctionConfig } from '../../../../local/cloud/lambda-sandbox.ts';
import { openLogs } from '../../../../local/cloud/logs.ts';
import { temporaryFolder, writeAssembly } from '../../../support/cloud/assembly.ts';
import { eventually } from '../../../support/eventually.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

type Overrides = Partial<FunctionConfig> &
  Partial<Pick<LambdaFunction, 'maxConcurrency' | 'maxRetryAttempts' | 'deadLetterQueue'>>;

/** Starts Lambda with one function, `fn`, of the given source. */
async function lambdaOf(source: string, overrides: Overrides = {}, more: Partial<LambdaOptions> = {}) {
  const assembly = await writeAssembly({ resources: {}, assets: { fn: source } });
  const logs = openLogs(await temporaryFolder(), []);
  const { maxConcurrency = 10, maxRetryAttempts = 2, deadLetterQueue, ...config } = overrides;
  const fn: LambdaFunction = {
    config: {
      name: 'fn',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:fn',
      handler: 'index.handler',
      memoryMb: 128,
      timeoutMs: 3000,
      environment: { GIVEN: 'yes' },
      logGroup: '/log',
      logFormat: 'JSON',
      applicationLogLevel: 'INFO',
      systemLogLevel: 'WARN',
      ...config,
    },
    assetFolder: path.join(assembly, 'asset.fn'),
    maxConcurrency,
    maxRetryAttempts,
    deadLetterQueue,
  };
  const lambda = startLambda({ functions: [fn], logs, queues: { send: async () => {} }, ...more });
  closers.push(logs.close, lambda.close);
  return {
    lambda,
    invoke: (event: unknown = {}) => lambda.invoke('fn', event),
    messages: () => [...logs.read('/log')].map(({ message }) => message).reverse(),
  };
}

const payloadOf = (result: object): unknown =>
  'payload' in result ? JSON.parse(String(result.payload)) : result;

describe('an invocation', () => {
  it('has the context and environment of the function, not those of this process', async () => {
    process.env['ONLY_HERE'] = 'leaked';
    closers.push(() => delete process.env['ONLY_HERE']);
    const { invoke } = await lambdaOf(
      `export const handler = async (event, context) => ({
        event, context, env: process.env, left: context.getRemainingTimeInMillis() });`,
    );
    const result = payloadOf(await invoke({ a: 1 }));
    expect(result).toMatchObject({
      event: { a: 1 },
      context: {
        functionName: 'fn',
        functionVersion: '$LATEST',
        memoryLimitInMB: '128',
        logGroupName: '/log',
        awsRequestId: expect.stringMatching(/^[\da-f-]{36}$/),
        logStreamName: expect.stringMatching(/^\d{4}\/\d{2}\/\d{2}\/fn\[\$LATEST\][\da-f]{32}$/),
        invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:fn',
      },
      env: {
        GIVEN: 'yes',
        AWS_REGION: 'us-east-1',
        AWS_LAMBDA_FUNCTION_NAME: 'fn',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
        AWS_LAMBDA_LOG_LEVEL: 'INFO',
        AWS_LAMBDA_LOG_FORMAT: 'JSON',
      },
    });
    expect(Object(result).env).not.toHaveProperty('ONLY_HERE');
    expect(Object(result).env).not.toHaveProperty('_X_AMZN_TRACE_ID');
  });

  it('reuses a warm sandbox, but only for one invocation at a time', async () => {
    const { invoke } = await lambdaOf(
      `let count = 0, active = 0, most = 0;
       export const handler = async () => {
         most = Math.max(most, ++active); count++;
         await new Promise((resolve) => setTimeout(resolve, 5));
         active--; return { count, most }; };`,
      { maxConcurrency: 2 },
    );
    expect(payloadOf(await invoke())).toEqual({ count: 1, most: 1 });
    const results = await Promise.all(Array.from({ length: 9 }, () => invoke()));
    const counts = results.map((result) => Object(payloadOf(result)));
    expect(counts.every(({ most }) => most === 1)).toBe(true);
    expect(counts.filter(({ count }) => count === 1)).toHaveLength(1);
  });

  it.each([
    ['an error with its name', 'throw Object.assign(new Error("no"), { name: "Mine" })', 'Mine', 'no'],
    ['a thrown value that is not an error', 'throw "text"', 'string', 'text'],
    ['a process exit', 'process.exit(3)', 'Runtime.ExitError', 'exit status 3'],
    [
      'an error in the background',
      'setTimeout(() => { throw new TypeError("late") }); await new Promise(() => {})',
      'TypeError',
      'late',
    ],
    [
      'a response beyond 6 MB',
      'return "x".repeat(6_291_555)',
      'Function.ResponseSizeTooLarge',
      '6291556 bytes',
    ],
  ])('reports %s', async (_, statement, errorType, errorMessage) => {
    const { invoke } = await lambdaOf(`export const handler = async () => { ${statement} };`);
    expect(await invoke()).toMatchObject({
      error: { errorType, errorMessage: expect.stringContaining(errorMessage) },
    });
  });

  it('accepts a response of 6 MB', async () => {
    const { invoke } = await lambdaOf('export const handler = async () => "x".repeat(6_291_554);');
    expect(await invoke()).toHaveProperty('payload');
  });

  it.each([
    ['a missing export', 'export const other = 1;', 'index.handler', 'Runtime.HandlerNotFound'],
    [
      'an export that is not a function',
      'export const handler = 1;',
      'index.handler',
      'Runtime.HandlerNotFound',
    ],
    ['a missing module', '', 'absent.handler', 'Runtime.ImportModuleError'],
    [
      'a missing dependency',
      'import "nowhere"; export const handler = 1;',
      'index.handler',
      'Runtime.ImportModuleError',
    ],
    [
      'a handler with a callback',
      'export const handler = (event, context, done) => done(null, 1);',
      'index.handler',
      'Runtime.CallbackHandlerDeprecated',
    ],
    ['an error at import', 'throw new RangeError("init")', 'index.handler', 'RangeError'],
  ])('reports %s', async (_, source, handler, errorType) => {
    const { invoke } = await lambdaOf(source, { handler });
    expect(await invoke()).toMatchObject({ error: { errorType } });
  });

  it('ends at the timeout of the function, and the next one gets a new sandbox', async () => {
    const { invoke, messages } = await lambdaOf(
      'export const handler = async ({ hang }) => { while (hang); return "fine"; };',
      { timeoutMs: 1_000, maxConcurrency: 1 },
    );
    const [hung, next] = await Promise.all([invoke({ hang: true }), invoke({ hang: false })]);
    expect(hung).toMatchObject({
      error: {
        errorType: 'Sandbox.Timedout',
        errorMessage: expect.stringMatching(
          /^RequestId: [\da-f-]{36} Error: Task timed out after 1\.00 seconds$/,
        ),
      },
    });
    expect(payloadOf(next)).toBe('fine');
    expect(messages().join()).toContain('"status":"timeout"');
  });

  it.each([
    ['objects', 'const a = []; for (;;) a.push([...Array(1e5).keys()]);'],
    ['Buffers that it still has when it returns', 'globalThis.kept = Buffer.alloc(128 * 2 ** 20, 1);'],
    [
      'Buffers while it waits',
      'globalThis.kept = Buffer.alloc(128 * 2 ** 20, 1); await new Promise((resolve) => setTimeout(resolve, 1e6));',
    ],
    [
      'Buffers while it does not yield',
      'globalThis.kept = Buffer.alloc(128 * 2 ** 20, 1); for (;;) JSON.stringify(globalThis.kept.length);',
    ],
  ])('is killed when it exceeds its memory with %s', async (_, statements) => {
    const { invoke, messages } = await lambdaOf(
      `export const handler = async (event) => { if (event.small) return 'fine'; ${statements} };`,
      { timeoutMs: 600_000, maxConcurrency: 1 },
    );
    expect(await invoke()).toEqual({
      error: {
        errorType: 'Runtime.OutOfMemory',
        errorMessage: expect.stringMatching(
          /^RequestId: [\da-f-]{36} Error: Runtime exited with error: signal: killed$/,
        ),
        trace: [],
      },
    });
    // Logged although the level of the system's log is WARN, because nothing else says why the function ended.
    expect(JSON.parse(messages().at(-1) ?? '')).toMatchObject({
      type: 'platform.report',
      record: {
        status: 'error',
        errorType: 'Runtime.OutOfMemory',
        metrics: { memorySizeMB: 128, maxMemoryUsedMB: 128 },
      },
    });
    expect(payloadOf(await invoke({ small: true }))).toBe('fine');
  });

  it('may use memory up to its size, and its report says how much it used', async () => {
    const { invoke, messages } = await lambdaOf(
      'export const handler = async () => { globalThis.kept = Buffer.alloc(100 * 2 ** 20, 1); };',
      { memoryMb: 256, systemLogLevel: 'INFO' },
    );
    expect(await invoke()).toHaveProperty('payload');
    const { record } = JSON.parse(messages().at(-1) ?? '');
    expect(record).toMatchObject({ status: 'success', metrics: { memorySizeMB: 256 } });
    expect(record.metrics.maxMemoryUsedMB).toBeGreaterThan(100);
    expect(record.metrics.maxMemoryUsedMB).toBeLessThan(256);
  });
});

describe('an asynchronous invocation', () => {
  const failing =
    'let n = 0; export const handler = async () => { console.log("attempt", ++n); throw new Error("no"); };';

  it('is retried twice, then dropped with a line in the log', async () => {
    const { lambda, messages } = await lambdaOf(failing, {}, { retryDelaysMs: [0, 0] });
    await lambda.invokeAsync('fn', {});
    const lines = messages();
    expect(lines.filter((line) => /attempt \d/.test(line))).toHaveLength(3);
    expect(lines.at(-1)).toContain('Dropped the event after 3 failed attempts.');
  });

  it('is dropped with a line in the log when the dead-letter queue refuses it', async () => {
    const deadLetterQueue = 'arn:aws:sqs:us-east-1:000000000000:dead';
    const queues = { send: () => Promise.reject(new Error('too long')) };
    const { lambda, messages } = await lambdaOf(
      failing,
      { maxRetryAttempts: 0, deadLetterQueue },
      { queues },
    );
    await lambda.invokeAsync('fn', {});
    expect(messages().at(-1)).toContain(
      'Dropped the event, which its dead-letter queue refused (Error: too long), after 1 failed attempts.',
    );
  });

  it('is not retried when retries are off', async () => {
    const { lambda, messages } = await lambdaOf(failing, { maxRetryAttempts: 0 });
    await lambda.invokeAsync('fn', {});
    expect(messages().filter((line) => /attempt \d/.test(line))).toHaveLength(1);
  });

  it('does not delay closing while it waits for a retry', async () => {
    const { lambda, messages } = await lambdaOf(failing);
    const waiting = lambda.invokeAsync('fn', {});
    await eventually(() => messages().find((line) => line.includes('ERROR')));
    await lambda.close();
    await waiting;
  });
});

describe('the log', () => {
  const talking = `export const handler = async () => {
    console.debug('hidden'); console.info('shown %d', 1);
    process.stdout.write('{"raw":true}\\n'); };`;

  it('contains JSON lines from the configured level on, and raw output unchanged', async () => {
    const { invoke, messages } = await lambdaOf(talking);
    await invoke();
    const [shown, raw, ...rest] = messages();
    expect(JSON.parse(shown ?? '')).toMatchObject({
      level: 'INFO',
      message: 'shown 1',
      requestId: expect.any(String),
    });
    expect(raw).toBe('{"raw":true}');
    expect(rest).toEqual([]);
  });

  it('contains raw JSON lines from the configured level on, where a line without level and time counts as INFO', async () => {
    const writing = `export const handler = async () => {
      const timestamp = '2026-11-23T09:00:00.000Z';
      for (const line of [
        {}, { level: 'WARN' }, { level: 'ERROR', timestamp: 'now' }, { level: 'INFO', timestamp },
        { level: 'warn', timestamp }, { level: 'ERROR', timestamp },
      ]) process.stdout.write(JSON.stringify(line) + '\\n'); };`;
    const { invoke, messages } = await lambdaOf(writing, { applicationLogLevel: 'WARN' });
    await invoke();
    expect(messages().map((line) => JSON.parse(line).level)).toEqual(['warn', 'ERROR']);
  });

  it('contains the platform lines in text format', async () => {
    const { invoke, messages } = await lambdaOf(talking, { logFormat: 'Text' });
    await invoke();
    expect(messages().map((line) => line.split(/[\s:]/)[0])).toEqual(
      expect.arrayContaining(['START', 'END', 'REPORT']),
    );
    expect(messages().join('\n')).toMatch(/\tINFO\tshown 1/);
    expect(messages().at(-1)).toMatch(/\tMemory Size: 128 MB\tMax Memory Used: \d+ MB$/);
  });

  it('contains stack traces of the TypeScript source', async () => {
    const source = `//# ${'sourceMapping'}URL=data:application/json;base64,${Buffer.from(
      JSON.stringify({ version: 3, sources: ['origin.ts'], names: [], mappings: 'AAAA' }),
    ).toString('base64')}`;
    const handler = `export const handler = async () => { throw new Error('mapped'); };\n${source}`;
    const { invoke } = await lambdaOf(handler, { environment: { NODE_OPTIONS: '--enable-source-maps' } });
    const result = await invoke();
    expect('error' in result && result.error.trace.join('\n')).toContain('origin.ts');
  });
});
