import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeDeletedItems } from '../../../functions/handlers/remove-deleted-items.ts';
import { hideFromListing, ORGANIZATION } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, nightlyRuns } from '../../support/run.ts';
import { type Ending, play, type Scene } from '../synchronization/interrupted-invocation.ts';
import { createItem, itemText, startEmptyBank } from '../synchronization/support.ts';

const newTable = useDynamoDb();
// To choose the candidates: the lock, the listing, the absent removal, the organization, the listed batches, the mirror,
// the rows of the candidates, and two writes. To judge them: their batch and its progress, three questions, one write.
// To carry that out: row, head and verification of the repository that still exists; six requests for each of the two
// others; the results and the progress. Finally, the requests to GitHub.
const REQUESTS = 34;

describe('an invocation that dies while it removes items', () => {
  const closing: (() => Promise<void>)[] = [];
  let scene: Scene;
  let undisturbed: Ending;

  /** Two of four are deleted, which is just as many as may be, and one the listing has missed. */
  beforeAll(async () => {
    const bank = await startEmptyBank((close) => void closing.push(close));
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
    scene = { newTable, bank, run, step: removeDeletedItems };
    undisturbed = await play(scene);
  });
  afterAll(() => Promise.all(closing.map((close) => close())));

  it('would have removed what is deleted, and told of each', () => {
    expect(undisturbed.mirror.map(({ itemBankId }) => itemBankId)).not.toContain(1);
    expect(undisturbed.mirror.map(({ itemBankId }) => itemBankId)).not.toContain(2);
    expect(undisturbed.events).toHaveLength(2);
    expect(undisturbed.records).toContainEqual(
      expect.objectContaining({ sk: 'REMOVAL', mirrored: 4, batches: [1] }),
    );
  });

  it.each(Array.from({ length: REQUESTS }, (_, requests) => requests))(
    'with %i requests made is repeated, and leaves what it would have left',
    async (requests) => {
      expect(await play(scene, requests)).toEqual({ ...undisturbed, died: true });
    },
  );

  it('makes no more requests than these', async () => {
    expect(await play(scene, REQUESTS)).toEqual({ ...undisturbed, died: false });
  });
});
