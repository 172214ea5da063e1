import { describe, expect, it } from 'vitest';
import { createGitHub } from '../../../functions/github/github.ts';
import { type GitHubLimits, PUBLISHED_LIMITS } from '../../../functions/github/limits.ts';
import { openWriteAllowance } from '../../../functions/webhooks/write-allowance.ts';
import { type Bank, ROUTES, startBank, TOKEN, WEBHOOK_SECRET } from '../../support/bank.ts';
import { type Clock, createClock, HOUR_MS, MINUTE_MS } from '../../support/clock.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, type Run } from '../../support/run.ts';

const newTable = useDynamoDb();
const WRITES_PER_HOUR = 4;
/** Only the hourly limit of writes matters: the limits per minute are never reached, and there is no reserve. */
const LIMITS: GitHubLimits = {
  ...PUBLISHED_LIMITS,
  restPointsPerMinute: 1_000_000,
  graphqlPointsPerMinute: 1_000_000,
  writesPerMinute: 1_000_000,
  writesPerHour: WRITES_PER_HOUR,
  reservePercent: 0,
};

/** A run of seven repositories without the webhook. GitHub allows `WRITES_PER_HOUR`. */
async function limitedRun(
  limits: GitHubLimits | 'off',
  clock: Clock = createClock(),
): Promise<{ bank: Bank; run: Run }> {
  const bank = await startBank({
    repositories: 7,
    withoutProjectWebhook: 7,
    now: clock.now,
    limits: { contentWritesPerHour: WRITES_PER_HOUR },
  });
  const github = createGitHub({ apiUrl: bank.site.url, token: TOKEN, limits, clock });
  const connect = async () => ({ github, webhookSecret: WEBHOOK_SECRET });
  const run = await beginRun({ newTable, bank, clock, overrides: { connect } });
  await run.list();
  await run.batches();
  return { bank, run };
}

const countWrites = (bank: Bank): number => bank.requests(ROUTES.createHook);

describe('the hourly allowance of webhook writes', () => {
  it('defers further writes, when nearly used up, until the last one is an hour old', async () => {
    const { bank, run } = await limitedRun(LIMITS);
    expect(await run.createWebhooks()).toEqual({ deferred: true, resumeAt: '2026-11-23T10:00:00.000Z' });
    expect(countWrites(bank)).toBe(3);
    expect(run.log.messages().at(-1)).toBe(
      'waiting until 2026-11-23T10:00:00.000Z (rate limited): 3 webhooks were written, and GitHub allows 4 writes an hour',
    );
    run.clock.set('2026-11-23T10:00:00.000Z');
    expect(await run.createWebhooks()).toEqual({ deferred: true, resumeAt: '2026-11-23T11:00:00.000Z' });
    run.clock.set('2026-11-23T11:00:00.000Z');
    expect(await run.createWebhooks()).toMatchObject({ deferred: false });
    expect(countWrites(bank)).toBe(4);
    expect(await run.complete()).toMatchObject({ exitCode: 'COMPLETED' });
  });

  it('is respected by an invocation that starts too early', async () => {
    const { bank, run } = await limitedRun(LIMITS);
    await run.createWebhooks();
    countWrites(bank);
    run.clock.advance(59 * MINUTE_MS);
    expect(await run.createWebhooks()).toEqual({ deferred: true, resumeAt: '2026-11-23T10:00:00.000Z' });
    expect(countWrites(bank)).toBe(0);
  });

  it('is respected by the next run after a run was stopped', async () => {
    const { bank, run } = await limitedRun(LIMITS);
    await run.createWebhooks();
    const { dependencies } = run;
    const limits = await openWriteAllowance(dependencies, LIMITS);
    expect(limits.deferral()).toMatchObject({ resumeAt: new Date('2026-11-23T10:00:00.000Z') });
    expect(countWrites(bank)).toBe(3);
  });

  it('includes the writes before a deferral, so that no hour exceeds the limit', async () => {
    const { bank, run } = await limitedRun(LIMITS);
    const slow = { status: 429, headers: { 'retry-after': '3000' }, body: { message: 'Too many requests' } };
    const place = { method: 'POST', pathPrefix: '/repos/' };
    bank.site.fail({ ...place, outcome: slow });
    expect(await run.createWebhooks()).toMatchObject({ resumeAt: '2026-11-23T09:50:00.000Z' });
    run.clock.set('2026-11-23T09:50:00.000Z');
    expect(await run.createWebhooks()).toEqual({ deferred: true, resumeAt: '2026-11-23T10:50:00.000Z' });
    // The refused write counts too: GitHub may have counted it.
    expect(countWrites(bank)).toBe(3);
  });

  it('is full again after an hour without writes', async () => {
    const { bank, run } = await limitedRun(LIMITS);
    await run.createWebhooks();
    run.clock.advance(2 * HOUR_MS);
    countWrites(bank);
    await run.createWebhooks();
    expect(countWrites(bank)).toBe(3);
  });

  it('leaves webhooks missing if it would defer them beyond the deadline', async () => {
    const { run } = await limitedRun(LIMITS);
    run.event.deadline = '2026-11-23T10:00:00.000Z';
    expect(await run.createWebhooks()).toMatchObject({ deferred: false });
    expect(await run.complete()).toMatchObject({
      exitMessage: expect.stringContaining('project webhooks not created: 4'),
    });
  });

  it('is unlimited if rate limits are off, so that GitHub refuses the excess writes', async () => {
    const { bank, run } = await limitedRun('off');
    await run.createWebhooks();
    expect(countWrites(bank)).toBe(5);
  });
});
