import pMap from 'p-map';
import type { Mirror } from '../mirror/mirror.ts';
import type { MirrorRow } from '../mirror/mirror-rows.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { Outcome } from '../shared/contract/job-execution.ts';
import type { NamedRepository } from '../shared/contract/repositories.ts';
import type { LoadedItem } from './load-changed-items.ts';

/** An item id that was written for a repository. */
export interface NewItemId {
  repository: NamedRepository;
  itemId: string;
}

// Limits the length of the log line. A template may have been copied hundreds of times.
const MAX_NAMED = 9;
// DynamoDB requests of one group at a time: enough to hide their latency.
const READS_IN_FLIGHT = 10;

/** The item id of an item that was created or whose item id has changed; undefined for any other item. */
export function newItemIdOf(
  outcome: Outcome,
  { row, item }: { row: MirrorRow | undefined; item: LoadedItem | undefined },
): string | undefined {
  if (outcome !== 'created' && outcome !== 'updated' && outcome !== 'derived') return undefined;
  // Nothing was loaded: an earlier invocation wrote the item, but its results were lost.
  if (item?.kind !== 'loaded') return row?.itemId;
  const { itemId } = item.bank.fields;
  return outcome !== 'created' && row?.itemId === itemId ? undefined : itemId;
}

/**
 * Finds other repositories with the same item id: in the mirror, and among those that this invocation has written,
 * because the mirror's index may not contain them yet. If two invocations write the same item id at almost the same
 * time, neither may find the other.
 * @param known what earlier calls for the same batch have written. This call adds `written` to it.
 */
export async function findSameItemIds(
  mirror: Pick<Mirror, 'sameItemId'>,
  known: NewItemId[],
  written: readonly NewItemId[],
): Promise<Map<ItemBankId, NamedRepository[]>> {
  const isWritten = new Set(written.map(({ repository }) => repository.itemBankId));
  known.splice(
    0,
    known.length,
    ...known.filter(({ repository }) => !isWritten.has(repository.itemBankId)),
    ...written,
  );
  const others = new Map<ItemBankId, NamedRepository[]>();
  const find = async ({ repository: { itemBankId }, itemId }: NewItemId): Promise<void> => {
    const writtenHere = known.filter((one) => one.itemId === itemId).map(({ repository }) => repository);
    const found = [...writtenHere, ...(await mirror.sameItemId({ itemBankId, itemId }))];
    const byId = new Map(found.map(({ itemBankId: id, repositoryName }) => [id, repositoryName]));
    byId.delete(itemBankId);
    if (byId.size === 0) return;
    const named = [...byId].map(([id, repositoryName]) => ({ itemBankId: id, repositoryName }));
    others.set(itemBankId, named.slice(0, MAX_NAMED));
  };
  await pMap(written, find, { concurrency: READS_IN_FLIGHT });
  return others;
}
