import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SyncError } from '../../../../functions/shared/errors.ts';
import { entryPoint } from '../../../../functions/shared/middleware.ts';

const CONTEXT = {
  functionName: 'test',
  awsRequestId: 'request-1',
  getRemainingTimeInMillis: () => 42_000,
} as Context;

const written: string[] = [];
beforeEach(() => {
  written.length = 0;
  const keep = (text: string | Uint8Array): boolean => written.push(String(text)) > 0;
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const lines = (): unknown[] => written.map((text) => JSON.parse(text));

describe('an entry point', () => {
  it('builds its dependencies on the first invocation and keeps them', async () => {
    let builds = 0;
    const build = () => {
      builds += 1;
      return { builds };
    };
    const handler = entryPoint(build, async (dependencies, event: number) => dependencies.builds + event);
    expect(builds).toBe(0);
    expect(await handler(10, CONTEXT)).toBe(11);
    expect(await handler(20, CONTEXT)).toBe(21);
  });

  it('builds them again after a failed attempt', async () => {
    let builds = 0;
    const build = () => {
      builds += 1;
      if (builds === 1) throw new Error('not yet');
      return { builds };
    };
    const handler = entryPoint(build, async (dependencies) => dependencies.builds);
    await expect(handler({}, CONTEXT)).rejects.toThrow('not yet');
    expect(await handler({}, CONTEXT)).toBe(2);
  });

  it('provides the remaining time and the current time', async () => {
    const handler = entryPoint(
      () => ({}),
      async ({ remainingTimeMs, now }) => [remainingTimeMs(), now()] as const,
    );
    expect(await handler({}, CONTEXT)).toEqual([42_000, expect.any(Date)]);
  });

  it('adds the request id and the job execution id to each line of one invocation only', async () => {
    const handler = entryPoint(
      () => ({}),
      async ({ log }, _event: object) => log.info('a line'),
    );
    await handler({ jobExecutionId: 15, confidential: 'token' }, CONTEXT);
    await handler({}, { ...CONTEXT, awsRequestId: 'request-2' });
    expect(lines()).toMatchObject([
      { message: 'a line', function_request_id: 'request-1', jobExecutionId: 15 },
      { message: 'a line', function_request_id: 'request-2' },
    ]);
    expect(lines()[1]).not.toHaveProperty('jobExecutionId');
    expect(written.join()).not.toContain('confidential');
  });

  it.each([
    ['an error', new Error('why'), 'ERROR', 'Error: why'],
    ['that is not retried', new SyncError('RowMissing', 'why'), 'ERROR', 'RowMissing: why'],
    ['that its caller caused', new SyncError('RequestInvalid', 'why'), 'INFO', 'RequestInvalid: why'],
    ['that is retried', new SyncError('GitHubUnavailable', 'why'), 'WARN', 'GitHubUnavailable: why'],
  ])('fails with the error of its function and logs it once: %s', async (_, failure, level, message) => {
    const handler = entryPoint(
      () => ({}),
      () => Promise.reject(failure),
    );
    await expect(handler({}, CONTEXT)).rejects.toBe(failure);
    expect(lines()).toMatchObject([{ level, message, function_request_id: 'request-1' }]);
  });

  it('leaves the timeout to Lambda, whose error the state machine retries', async () => {
    const handler = entryPoint(
      () => ({}),
      () => delay(30, 'done'),
    );
    expect(await handler({}, { ...CONTEXT, getRemainingTimeInMillis: () => 6 })).toBe('done');
  });

  it.each([
    [
      'fails with the error of onTimeout before Lambda ends it',
      1_000,
      () => new Promise(() => {}),
      'too slow',
    ],
    ['does not call onTimeout if it finishes earlier', 28_000, async () => 'done', 'done'],
  ])('%s', async (_, remainingTimeMs, work, outcome) => {
    const handler = entryPoint(() => ({}), work, {
      timeoutEarlyInMillis: 1_000,
      onTimeout: () => {
        throw new SyncError('GitHubUnavailable', 'too slow');
      },
    });
    const context = { ...CONTEXT, getRemainingTimeInMillis: () => remainingTimeMs };
    expect(await handler({}, context).catch(({ message }: Error) => message)).toBe(outcome);
    expect(lines()).toHaveLength(outcome === 'done' ? 0 : 1);
  });
});
