import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { summarizeRun } from '../../functions/executions/counts.ts';
import type { ItemRow } from '../../functions/executions/item-result.ts';
import { requireExecution } from '../../functions/executions/job-execution.ts';
import { readListing } from '../../functions/executions/listing.ts';
import { jobExecutionId } from '../../functions/shared/contract/ids.ts';
import { OUTCOMES } from '../../functions/shared/contract/job-execution.ts';
import { isSyncError } from '../../functions/shared/errors.ts';
import { commit, listed } from '../integration/github/support.ts';
import { beginRegistered, openControl } from '../integration/handlers/control-support.ts';
import { type Bank, hooksPath, ORGANIZATION, startBank } from '../support/bank.ts';
import { createClock, MINUTE_MS } from '../support/clock.ts';
import { allRows, useDynamoDb } from '../support/dynamodb.ts';
import { sampled } from '../support/extent.ts';
import { mirrorOf } from '../support/items-table.ts';
import { createLog } from '../support/log.ts';
import { beginRun, newTables, type Run, type Tables } from '../support/run.ts';
import { useStepFunctions } from '../support/step-functions.ts';

const newTable = useDynamoDb();
const stepFunctions = useStepFunctions();

/** Two batches. */
const ITEMS = 101;
const WITHOUT_WEBHOOK = 7;
const SEED = 20_261_128;

/** A run of the bank below makes about as many requests. */
const REQUESTS = 130;
/** Before which request to GitHub, or before which invocation, a run is stopped or abandoned. */
const interruption = fc.record({
  kind: fc.constantFrom('stop', 'stop', 'abandon'),
  before: fc.oneof(
    fc.record({ request: fc.integer({ min: 1, max: REQUESTS }) }),
    fc.record({ invocation: fc.integer({ min: 1, max: 6 }) }),
  ),
} as const);
type Interruption = typeof interruption extends fc.Arbitrary<infer Value> ? Value : never;

/** The shortest first. */
const histories = fc
  .sample(fc.array(interruption, { minLength: 1, maxLength: 3 }), { seed: SEED, numRuns: 24 })
  .toSorted((a, b) => a.length - b.length);

/** The same bank each time. Its first item can never be read. */
async function startSameBank(): Promise<Bank> {
  const bank = await startBank({ repositories: ITEMS, withoutProjectWebhook: WITHOUT_WEBHOOK });
  const [first] = await listed(bank);
  if (!first) throw new Error('the bank has no repository');
  await commit(bank, first, { content: 'no JSON' });
  return bank;
}

interface Moments {
  invocation: number;
  request: number;
}

/** Begins the states of the state machine one after another. @returns false if the run lost the lock. */
async function runToItsEnd(run: Run, beforeInvocation: () => Promise<void>): Promise<boolean> {
  const invoke = async <Result>(step: () => Promise<Result>): Promise<Result> => {
    await beforeInvocation();
    return step();
  };
  try {
    const { batches } = await invoke(run.list);
    for (const { batch } of batches) await invoke(() => run.batch(batch));
    await invoke(run.createWebhooks);
    await invoke(run.remove);
    await invoke(run.complete);
    return true;
  } catch (error) {
    if (isSyncError(error, 'ExecutionSuperseded')) return false;
    throw error;
  }
}

/** Runs, and restarts, until a run is complete. @returns the ids of all runs. */
async function runWithInterruptions(bank: Bank, tables: Tables, interruptions: readonly Interruption[]) {
  const clock = createClock();
  const left = [...interruptions];
  const ids: number[] = [];
  let run = await beginRun({ newTable, bank, tables, clock });
  const moments: Moments = { invocation: 0, request: 0 };
  const control = openControl(
    { clock, log: createLog(), dependencies: { ...tables, publish: async () => {} } },
    stepFunctions,
  );
  const pass = async (kind: keyof Moments): Promise<void> => {
    moments[kind] += 1;
    const [next] = left;
    const before: Partial<Moments> = next?.before ?? {};
    if (!next || before[kind] !== moments[kind]) return;
    left.shift();
    const answer = await control[next.kind](run.event.jobExecutionId);
    expect([200, 202]).toContain(answer.status);
  };
  bank.github.hook.before('request', () => pass('request'));
  for (;;) {
    const { jobExecutionId: id } = run.event;
    ids.push(id);
    Object.assign(moments, { invocation: 0, request: 0 });
    await runToItsEnd(run, () => pass('invocation'));
    const { status } = await requireExecution(tables.executionsTable, id);
    if (status === 'COMPLETED') {
      left.length = 0;
      return ids;
    }
    expect(['STOPPED', 'ABANDONED']).toContain(status);
    clock.advance(MINUTE_MS);
    const { status: answered, body } = await control.restart(id);
    if (answered === 422) run = await beginRun({ newTable, bank, tables, clock });
    else run = await beginRegistered({ newTable, bank }, run, Number(body['jobExecutionId']));
  }
}

async function sumsOf({ executionsTable }: Tables, ids: readonly number[]) {
  const sums = { created: 0, updated: 0, removed: 0, deferred: 0 };
  for (const id of ids.map(jobExecutionId)) {
    const listing = await readListing(executionsTable, id);
    if (!listing) continue;
    const { counts, unprocessed } = await summarizeRun(executionsTable, id, listing);
    const withOutcome = OUTCOMES.reduce((sum, outcome) => sum + counts[outcome], 0);
    expect(withOutcome + unprocessed).toBe(counts.total);
    expect(counts.total).toBe(listing.total);
    const { status, counts: recorded } = await requireExecution(executionsTable, id);
    if (status !== 'ABANDONED') expect(recorded).toEqual(counts);
    for (const outcome of ['created', 'updated', 'removed', 'deferred'] as const)
      sums[outcome] += counts[outcome];
  }
  return sums;
}

/** The ids with an outcome, once for each run. */
async function idsWith({ executionsTable }: Tables, wanted: string): Promise<number[]> {
  const rows = (await allRows(executionsTable)) as unknown as (ItemRow & { sk: string })[];
  const found = rows.filter(({ sk, outcome }) => sk.startsWith('ITEM#') && outcome === wanted);
  return found.map(({ itemBankId }) => itemBankId);
}

let once: Promise<Awaited<ReturnType<typeof runUndisturbed>>> | undefined;

/** What one run does that nobody stops. */
function undisturbed() {
  once ??= runUndisturbed();
  return once;
}

async function runUndisturbed() {
  const tables = await newTables(newTable);
  const ids = await runWithInterruptions(await startSameBank(), tables, []);
  return { mirror: await mirrorOf(tables.itemsTable), sums: await sumsOf(tables, ids) };
}

describe('runs that are stopped or abandoned, and restarted', () => {
  it.each(sampled(histories, 1).map((history) => [JSON.stringify(history), history] as const))(
    'do the same as a single run, and count each id once: %s',
    async (_, history) => {
      const expected = await undisturbed();
      const disturbed = { bank: await startSameBank(), tables: await newTables(newTable) };
      const ids = await runWithInterruptions(disturbed.bank, disturbed.tables, history);

      expect(await mirrorOf(disturbed.tables.itemsTable)).toEqual(expected.mirror);
      expect(await sumsOf(disturbed.tables, ids)).toEqual(expected.sums);
      const created = await idsWith(disturbed.tables, 'created');
      expect(new Set(created).size).toBe(created.length);
      expect(created).toHaveLength(ITEMS - 1);
      expect(new Set(await idsWith(disturbed.tables, 'failed')).size).toBe(1);
      for (const { repositoryName: repo } of await listed(disturbed.bank)) {
        const { data } = await disturbed.bank.github.request(`GET ${hooksPath(repo)}`, { org: ORGANIZATION });
        expect(
          data.filter(({ config }: { config: { url: string } }) => config.url.endsWith('/webhook')),
        ).toHaveLength(1);
      }
    },
  );
});
