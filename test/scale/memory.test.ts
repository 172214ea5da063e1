import { expect, it } from 'vitest';
import { readHeads } from '../../functions/github/heads.ts';
import { beginItems, loadLongItem } from '../../functions/synchronization/load-changed-items.ts';
import { seenRepository } from '../../functions/synchronization/synchronize-items.ts';
import { commitAll, contextOf, createEmpty } from '../integration/github/support.ts';
import { itemText, startEmptyBank, withStatus } from '../integration/synchronization/support.ts';
import { collectGarbage } from '../support/garbage.ts';

const VERSIONS = 8;
const VERSION_BYTES = 900_000;
const LOADS = 6;

it('of an older version only the workflow status stays in memory, without what surrounds it', async () => {
  const bank = await startEmptyBank();
  const repository = await createEmpty(bank, 'item-1');
  const spaces = ' '.repeat(VERSION_BYTES);
  const statuses = Array.from({ length: VERSIONS }, (_, index) => `Reviewed for the time ${index}`);
  const texts = statuses.map((status) => itemText('1', withStatus(`${spaces}${status}`)));
  await commitAll(bank, repository, [...texts, itemText('1')]);
  const context = contextOf(bank);
  const head = (await readHeads(context, [repository])).get(repository.itemBankId);
  if (head?.kind !== 'read') throw new Error('The repository has an item.');
  const seen = seenRepository(repository, head);
  const mirror = { revisions: async () => [], text: async () => undefined };
  const changed = { row: undefined, seen, byteSize: head.head.blob.byteSize };
  const load = async () => {
    const [begun] = await beginItems(context, mirror, [changed]);
    if (!begun) throw new Error('One item was begun.');
    return (await loadLongItem(context, mirror, begun)).item;
  };
  // The first time, code and connections take memory too.
  await load();
  const before = usedBytes();
  const items = [];
  for (let count = 0; count < LOADS; count += 1) items.push(await load());
  // Other tests of this process leave some megabytes behind, now and then, while this one runs.
  expect(usedBytes() - before).toBeLessThan((LOADS * VERSIONS * VERSION_BYTES) / 3);
  for (const item of items) {
    if (item.kind !== 'loaded') throw new Error('The item is complete.');
    expect(item.bank.revisions.map(({ workflowStatus }) => workflowStatus)).toEqual([...statuses, undefined]);
  }
});

/** What is still referred to. Buffers of the network are left out, because they are freed some time later. */
function usedBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
