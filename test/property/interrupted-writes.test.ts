import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEYS } from '../../functions/executions/keys.ts';
import { createWebhooks } from '../../functions/handlers/create-webhooks.ts';
import {
  runOnCopies,
  type StepEffects,
  type StepSetup,
} from '../integration/synchronization/interrupted-invocation.ts';
import { createItem, itemText, startEmptyBank } from '../integration/synchronization/support.ts';
import { ORGANIZATION } from '../support/bank.ts';
import { useDynamoDb } from '../support/dynamodb.ts';
import { range, spread } from '../support/extent.ts';
import { beginRun, nightlyRuns } from '../support/run.ts';

const newTable = useDynamoDb();
// Reads: the lock, the listing, the batch and its progress, both ITEM rows, and before the batch the lock again, because
// the run may be stopped. The first webhook: one repair, then a write to each table. The second webhook already exists, because the simulated GitHub keeps what earlier invocations created: a
// refused creation, a check and a repair, then a write to each table. Finally, the request counts.
const REQUESTS = 15;

/** A retry repeats requests, so that the counts differ. */
function withoutRequestCounts({ executionRows, ...effects }: StepEffects & { interrupted: boolean }) {
  return { ...effects, executionRows: executionRows.filter(({ sk }) => sk !== 'REQUESTS') };
}

describe('the creation of one webhook and the repair of another', () => {
  const closers: (() => Promise<void>)[] = [];
  let setup: StepSetup;
  let uninterrupted: Omit<ReturnType<typeof withoutRequestCounts>, 'interrupted'>;

  beforeAll(async () => {
    const bank = await startEmptyBank((close) => void closers.push(close));
    await createItem(bank, 'item-1');
    const { dependencies: tables, clock } = await nightlyRuns({ newTable, bank })();
    await createItem(bank, 'item-2', itemText('2'));
    const place = { owner: ORGANIZATION, repo: 'item-1' };
    const { data: hooks } = await bank.github.rest.repos.listWebhooks(place);
    const differing = { ...place, hook_id: hooks[0]?.id ?? 0, active: false };
    await bank.github.rest.repos.updateWebhook(differing);
    const run = await beginRun({ newTable, bank, tables, clock });
    await run.list();
    await run.batches();
    setup = { newTable, bank, run, step: createWebhooks };
    uninterrupted = withoutRequestCounts(await runOnCopies(setup));
  });
  afterAll(() => Promise.all(closers.map((close) => close())));

  it('leaves one webhook created and the other repaired', () => {
    const { pk } = KEYS.workingRows(setup.run.event.jobExecutionId);
    const items = uninterrupted.executionRows.filter((row) => row['pk'] === pk && 'webhookLeft' in row);
    expect(items.map(({ repositoryName, webhookLeft }) => `${repositoryName} ${webhookLeft}`)).toEqual([
      'item-1 repaired',
      'item-2 created',
    ]);
  });

  it.each(spread(range(REQUESTS), 3))(
    'leaves the same state after a retry if it is interrupted after %i requests',
    async (requests) => {
      expect(withoutRequestCounts(await runOnCopies(setup, requests))).toEqual({
        ...uninterrupted,
        interrupted: true,
      });
    },
  );

  it(`makes at most ${REQUESTS} requests`, async () => {
    expect(withoutRequestCounts(await runOnCopies(setup, REQUESTS))).toEqual({
      ...uninterrupted,
      interrupted: false,
    });
  });
});
