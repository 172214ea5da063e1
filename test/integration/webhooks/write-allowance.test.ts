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
/** So fast that the pace of a minute is of no account, and nothing is kept for others. */
const LIMITS: GitHubLimits = {
  ...PUBLISHED_LIMITS,
  restPointsPerMinute: 1_000_000,
  graphqlPointsPerMinute: 1_000_000,
  writesPerMinute: 1_000_000,
  writesPerHour: WRITES_PER_HOUR,
  reservePercent: 0,
};

/** A run of seven repositories that lack the webhook, on a GitHub that takes so many writes in an hour. */
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

const written = ({ bank }: { bank: Bank }): number => bank.requests(ROUTES.createHook);

describe('the writes of an hour', () => {
  it('are nearly used up, and the rest waits until the last of them is an hour old', async () => {
    const { bank, run } = await limitedRun(LIMITS);
    expect(await run.createWebhooks()).toEqual({ deferred: true, resumeAt: '2026-11-23T10:00:00.000Z' });
    expect(written({ bank })).toBe(3);
    expect(run.log.messages().at(-1)).toBe(
      'waiting until 2026-11-23T10:00:00.000Z (rate limited): 3 webhooks were written, and GitHub allows 4 writes an hour',
    );
    run.clock.set('2026-11-23T10:00:00.000Z');
    expect(await run.createWebhooks()).toEqual({ deferred: true, resumeAt: '2026-11-23T11:00:00.000Z' });
    run.clock.set('2026-11-23T11:00:00.000Z');
    expect(await run.createWebhooks()).toMatchObject({ deferred: false });
    expect(written({ bank })).toBe(4);
    expect(await run.complete()).toMatchObject({ exitCode: 'COMPLETED' });
  });

  it('are known to an invocation that is called too early', async () => {
    const { bank, run } = await limitedRun(LIMITS);
    await run.createWebhooks();
    written({ bank });
    run.clock.advance(59 * MINUTE_MS);
    expect(await run.createWebhooks()).toEqual({ deferred: true, resumeAt: '2026-11-23T10:00:00.000Z' });
    expect(written({ bank })).toBe(0);
  });

  it('are known to the next run, when one was stopped', async () => {
    const { bank, run } = await limitedRun(LIMITS);
    await run.createWebhooks();
    const { dependencies } = run;
    const limits = await openWriteAllowance(dependencies, LIMITS);
    expect(limits.deferral()).toMatchObject({ resumeAt: new Date('2026-11-23T10:00:00.000Z') });
    expect(written({ bank })).toBe(3);
  });

  it('count those before a pause, so that no hour has too many', async () => {
    const { bank, run } = await limitedRun(LIMITS);
    const slow = { status: 429, headers: { 'retry-after': '3000' }, body: { message: 'Too many requests' } };
    const place = { method: 'POST', pathPrefix: '/repos/' };
    bank.site.fail({ ...place, outcome: slow });
    expect(await run.createWebhooks()).toMatchObject({ resumeAt: '2026-11-23T09:50:00.000Z' });
    run.clock.set('2026-11-23T09:50:00.000Z');
    expect(await run.createWebhooks()).toEqual({ deferred: true, resumeAt: '2026-11-23T10:50:00.000Z' });
    // The refused one counts too: nobody knows what GitHub makes of it.
    expect(written({ bank })).toBe(3);
  });

  it('begin anew after an hour without any', async () => {
    const { bank, run } = await limitedRun(LIMITS);
    await run.createWebhooks();
    run.clock.advance(2 * HOUR_MS);
    written({ bank });
    await run.createWebhooks();
    expect(written({ bank })).toBe(3);
  });

  it('are waited for no longer than until the deadline: the others stay missing', async () => {
    const { run } = await limitedRun(LIMITS);
    run.event.deadline = '2026-11-23T10:00:00.000Z';
    expect(await run.createWebhooks()).toMatchObject({ deferred: false });
    expect(await run.complete()).toMatchObject({
      exitMessage: expect.stringContaining('project webhooks not created: 4'),
    });
  });

  it('have no limit where none are kept to: GitHub refuses what is too much', async () => {
    const { bank, run } = await limitedRun('off');
    await run.createWebhooks();
    expect(written({ bank })).toBe(5);
  });
});
