import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeDeletedItems } from '../../functions/handlers/remove-deleted-items.ts';
import {
  runOnCopies,
  type StepEffects,
  type StepSetup,
} from '../integration/synchronization/interrupted-invocation.ts';
import { createItem, itemText, startEmptyBank } from '../integration/synchronization/support.ts';
import { hideFromListing, ORGANIZATION } from '../support/bank.ts';
import { useDynamoDb } from '../support/dynamodb.ts';
import { range, spread } from '../support/extent.ts';
import { beginRun, nightlyRuns } from '../support/run.ts';

const newTable = useDynamoDb();
// Choosing the candidates: the lock, the listing, the absent REMOVAL row, the organization, the listed batches, the
// mirror, three marks, the rows of the candidates, and two writes. Confirming them: their batch and its progress, their
// rows, three requests to GitHub, and one write. Removing them: row, head and verification of the repository that still exists; six requests for
// each of the two others; the results and the progress. Finally, the request counts.
const REQUESTS = 41;

describe('the removal of deleted items', () => {
  const closers: (() => Promise<void>)[] = [];
  let setup: StepSetup;
  let uninterrupted: StepEffects;

  /** Two of four items are deleted, exactly as many as the limit allows. The listing misses a third one. */
  beforeAll(async () => {
    const bank = await startEmptyBank((close) => void closers.push(close));
    for (const id of ['1', '2', '3', '4']) await createItem(bank, `item-${id}`, itemText(id));
    const { dependencies, clock } = await nightlyRuns({ newTable, bank })();
    for (const repo of ['item-1', 'item-2']) {
      await bank.github.rest.repos.delete({ owner: ORGANIZATION, repo });
    }
    hideFromListing(bank, 'item-3');
    const overrides = { limitPercent: 50 };
    const run = await beginRun({ newTable, bank, tables: dependencies, clock, overrides });
    await run.list();
    await run.batches();
    setup = { newTable, bank, run, step: removeDeletedItems };
    uninterrupted = await runOnCopies(setup);
  });
  afterAll(() => Promise.all(closers.map((close) => close())));

  it('removes the deleted items and publishes an event for each', () => {
    expect(uninterrupted.mirrorRows.map(({ itemBankId }) => itemBankId)).not.toContain(1);
    expect(uninterrupted.mirrorRows.map(({ itemBankId }) => itemBankId)).not.toContain(2);
    expect(uninterrupted.events).toHaveLength(2);
    expect(uninterrupted.executionRows).toContainEqual(
      expect.objectContaining({ sk: 'REMOVAL', mirrored: 4, batches: [1] }),
    );
  });

  it.each(spread(range(REQUESTS), 5))(
    'leaves the same state after a retry if it is interrupted after %i requests',
    async (requests) => {
      expect(await runOnCopies(setup, requests)).toEqual({ ...uninterrupted, interrupted: true });
    },
  );

  it(`makes at most ${REQUESTS} requests`, async () => {
    expect(await runOnCopies(setup, REQUESTS)).toEqual({ ...uninterrupted, interrupted: false });
  });
});
