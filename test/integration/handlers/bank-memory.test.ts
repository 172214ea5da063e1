import { describe, expect, it } from 'vitest';
import { readBankMemory, rememberOfBank } from '../../../functions/executions/bank-memory.ts';
import { requireExecution } from '../../../functions/executions/job-execution.ts';
import { KEYS } from '../../../functions/executions/keys.ts';
import { requireListing } from '../../../functions/executions/listing.ts';
import type { QueryStart } from '../../../functions/github/connect.ts';
import { PUBLISHED_LIMITS } from '../../../functions/github/limits.ts';
import { putRows } from '../../../functions/shared/dynamodb.ts';
import {
  connect,
  ROUTES,
  reportTotalCount,
  sendSerially,
  startBank,
  WEBHOOK_SECRET,
} from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, nightlyRuns } from '../../support/run.ts';

const newTable = useDynamoDb();
const SIZE = { repositories: 12, withoutProjectWebhook: 0 };
// Limits per minute so high that no request waits for them.
const LIMITS = {
  ...PUBLISHED_LIMITS,
  restPointsPerMinute: 1e6,
  graphqlPointsPerMinute: 1e6,
  graphqlSecondsPerMinute: 1e6,
};

/** A bank whose queries take as long as the test says, on the clock that its client measures them with. */
async function startTimedBank() {
  const query = { baseMs: 0, perRepositoryMs: 0, perGitObjectMs: 0 };
  let ms = 0;
  const wait = async (waited: number) => {
    ms += waited;
  };
  const bank = await startBank({ ...SIZE, queryTimes: query, wait });
  const starts: (QueryStart | undefined)[] = [];
  const connectTimed = async (_workers?: number, start?: QueryStart) => {
    starts.push(start);
    const github = connect(bank.site, undefined, { stopwatch: () => ms, ...start });
    sendSerially(github);
    return { github, webhookSecret: WEBHOOK_SECRET };
  };
  return { bank, query, starts, overrides: { connect: connectTimed } };
}

describe('the query size of a run', () => {
  it('is the one that worked last', async () => {
    const { bank, query, starts, overrides } = await startTimedBank();
    const nextRun = nightlyRuns({ newTable, bank, overrides });
    const first = await nextRun();
    const { executionsTable } = first.dependencies;
    expect(await readBankMemory(executionsTable)).not.toHaveProperty('querySize', expect.any(Number));
    expect(starts).toContainEqual({ querySize: 100, predecessor: 'none' });

    query.baseMs = 6_000;
    await nextRun();
    expect(await readBankMemory(executionsTable)).toMatchObject({ querySize: 25 });

    query.baseMs = 3_000;
    const third = await nextRun();
    expect(await requireListing(executionsTable, third.event.jobExecutionId)).toMatchObject({
      querySize: 25,
    });
    expect(starts).toContainEqual({ querySize: 25, predecessor: 'none' });
    expect(await readBankMemory(executionsTable)).toMatchObject({ querySize: 25 });
  });

  it.each([0, -1, 'many', 2.5, null])(
    'does not depend on a row that somebody changed: %s',
    async (querySize) => {
      const { bank, overrides } = await startTimedBank();
      const run = await beginRun({ newTable, bank, overrides });
      const { executionsTable } = run.dependencies;
      const memory = { pages: querySize, querySize, msPerQuery: querySize };
      await putRows(executionsTable, [{ ...KEYS.bankMemory(), ...memory }]);
      expect(await run.all()).toMatchObject({ exitCode: 'COMPLETED' });
    },
  );
});

describe('the pages of a listing', () => {
  it('are remembered, and change with the bank', async () => {
    const { bank, overrides } = await startTimedBank();
    const nextRun = nightlyRuns({ newTable, bank, overrides });
    const { executionsTable } = (await nextRun()).dependencies;
    expect(await readBankMemory(executionsTable)).toMatchObject({ pages: 1 });
    await rememberOfBank(executionsTable, { pages: 7 });
    bank.requests(ROUTES.listing);
    await nextRun();
    expect(bank.requests(ROUTES.listing)).toBe(7);
    expect(await readBankMemory(executionsTable)).toMatchObject({ pages: 1 });
  });

  it('are not remembered of an incomplete listing', async () => {
    const { bank, overrides } = await startTimedBank();
    bank.site.fail(reportTotalCount(13, Infinity));
    const run = await nightlyRuns({ newTable, bank, overrides })();
    expect(run.exit.exitCode).toBe('INCOMPLETE_LISTING');
    expect((await readBankMemory(run.dependencies.executionsTable)).pages).toBeUndefined();
  });
});

describe('the batches of a run', () => {
  it('follow others of the same worker, but for the first ones', async () => {
    const { bank, starts, overrides } = await startTimedBank();
    const run = await beginRun({ newTable, bank, overrides });
    await run.list();
    await run.batch(0);
    expect(starts.at(-1)).toMatchObject({ predecessor: 'none' });
  });
});

describe('the time of queries', () => {
  it('is recorded, and the next forecast is based on it', async () => {
    const { bank, query, overrides } = await startTimedBank();
    const connectLimited = async (workers?: number, start?: QueryStart) => {
      const access = await overrides.connect(workers, start);
      return { ...access, github: Object.assign(access.github, { limits: LIMITS }) };
    };
    const nextRun = nightlyRuns({ newTable, bank, overrides: { connect: connectLimited } });
    query.baseMs = 4_000;
    const first = await nextRun();
    const { executionsTable } = first.dependencies;
    const record = await requireExecution(executionsTable, first.event.jobExecutionId);
    expect(record.requests?.queryMs).toBe(4_000 * (record.requests?.queries ?? 0));
    expect(record.forecast).toMatchObject({ seconds: 1 });
    expect(await readBankMemory(executionsTable)).toMatchObject({ msPerQuery: 4_000 });

    await rememberOfBank(executionsTable, { msPerQuery: 1e9 });
    const second = await nextRun();
    const next = await requireExecution(executionsTable, second.event.jobExecutionId);
    expect(next.forecast?.seconds).toBeGreaterThan(50);
  });
});
