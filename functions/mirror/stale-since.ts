import type { ItemBankId } from '../shared/contract/ids.ts';
import { getRows, type Table } from '../shared/dynamodb.ts';
import { ItemBankIdCodec } from '../shared/rows.ts';
import * as z from '../shared/zod.ts';
import { ITEM_KEYS } from './mirror-rows.ts';

// As much of ITEM as this needs. Rows of later releases are read as well.
const MARKS = {
  itemBankId: ItemBankIdCodec,
  headCommit: z.exactOptional(z.string()),
  failure: z.exactOptional(z.looseObject({ since: z.string() })),
  deferredAt: z.exactOptional(z.string()),
};
const MarksCodec = z.object(MARKS);
const MARK_ATTRIBUTES = Object.keys(MARKS);

export interface StaleItem {
  /** Whether the mirror shows an item. */
  isMirrored: boolean;
  /** ISO 8601. */
  since: string;
}

/**
 * Since when runs have failed at items or left them to later runs, one run after another. Ids without a mark are left
 * out, and so are rows that cannot be read: nothing is known about them.
 */
export async function readStaleItems(
  itemsTable: Table,
  ids: readonly ItemBankId[],
): Promise<Map<ItemBankId, StaleItem>> {
  const rows = await getRows(itemsTable, ids.map(ITEM_KEYS.item), MARK_ATTRIBUTES);
  return new Map(
    rows.flatMap((row): [ItemBankId, StaleItem][] => {
      const { itemBankId, headCommit, failure, deferredAt } = MarksCodec.safeParse(row).data ?? {};
      // ISO 8601 in UTC sorts by time.
      const [since] = [failure?.since, deferredAt].filter((time) => time !== undefined).toSorted();
      if (itemBankId === undefined || since === undefined) return [];
      return [[itemBankId, { isMirrored: headCommit !== undefined, since }]];
    }),
  );
}
