import type { ItemBankId } from '../shared/contract/ids.ts';
import { getRows, type Table } from '../shared/dynamodb.ts';
import { ItemBankIdCodec } from '../shared/rows.ts';
import * as z from '../shared/zod.ts';
import { ITEM_KEYS, type MirrorRow } from './mirror-rows.ts';
import { findIds, type ItemQuery } from './read-mirror.ts';

/** How an item and its stimulus belong together. It is looked up, so that it does not depend on which of them came first. */
export interface ItemLinks {
  /** Of a stimulus: how many items of other types have it. Zero for any other type. */
  associatedItemCount: number;
  /** Of an item: its stimulus, or the first one if several have the same item id. Absent while the mirror has none. */
  stimulusItemBankId?: ItemBankId;
}

/** Rows that were written a moment ago may be missing, because the indexes are updated a moment later than the table. */
export async function readLinks(
  itemsTable: Table,
  { type, itemId, stimulusId }: MirrorRow,
): Promise<ItemLinks> {
  const isStimulus = type === 'stim';
  const [items, stimuli] = await Promise.all([
    isStimulus && itemId !== undefined ? linkedRows(itemsTable, { stimulusId: itemId }) : [],
    stimulusId === undefined ? [] : linkedRows(itemsTable, { itemId: stimulusId }),
  ]);
  const associated = items.filter((row) => row.stimulusId === itemId && row.type !== 'stim');
  const [stimulus] = stimuli
    .filter((row) => row.itemId === stimulusId && row.type === 'stim')
    .toSorted((a, b) => a.itemBankId - b.itemBankId);
  return {
    associatedItemCount: associated.length,
    ...(stimulus && { stimulusItemBankId: stimulus.itemBankId }),
  };
}

/** As much of ITEM as is needed, so that another item that cannot be read does not matter. */
const LINKED = {
  itemBankId: ItemBankIdCodec,
  type: z.string(),
  itemId: z.string(),
  stimulusId: z.exactOptional(z.string()),
  removal: z.optional(z.unknown()),
};
const LinkedCodec = z.object(LINKED);

async function linkedRows(itemsTable: Table, query: ItemQuery) {
  const ids = await findIds(itemsTable, query);
  const rows = await getRows(itemsTable, ids.map(ITEM_KEYS.item), Object.keys(LINKED));
  return rows
    .flatMap((row) => LinkedCodec.safeParse(row).data ?? [])
    .filter(({ removal }) => removal === undefined);
}
