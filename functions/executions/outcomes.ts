import { type ItemBankId, itemBankId, type JobExecutionId } from '../shared/contract/ids.ts';
import type { Outcome, Reason } from '../shared/contract/job-execution.ts';
import type { WebhookState } from '../shared/contract/webhooks.ts';
import { type Condition, filterBy, queryPages, type Row, type Table } from '../shared/dynamodb.ts';
import { isSyncError, type SyncError } from '../shared/errors.ts';
import { type ItemRow, parseItemRow } from './item-result.ts';
import { KEYS } from './keys.ts';

export interface OutcomeFilter {
  outcome: Outcome;
  /** Of the item or of its webhook. */
  reason: Reason;
  /** The state in which the run left the webhook. */
  webhook: WebhookState;
}

/** The attributes of an ITEM row that a filter compares, including those of earlier releases. */
const ATTRIBUTES: Record<keyof OutcomeFilter, string[]> = {
  outcome: ['outcome'],
  reason: ['reason', 'webhookFailure.reason', 'webhookTrouble.reason'],
  webhook: ['webhookLeft'],
};

/** What a run did to one id, or why this release cannot read it, or only how far the search has got. */
export type OutcomeEntry =
  | { kind: 'item'; id: ItemBankId; item: ItemRow }
  | { kind: 'unreadable'; id: ItemBankId; fault: SyncError }
  | { kind: 'searched'; id: ItemBankId };

/**
 * Reads the ITEM rows of a run in the order of their keys, so that 10 comes before 9. The order is always the same.
 * @param range the rows after the id `after`. `limit` is how many rows the caller takes.
 */
export async function* readOutcomes(
  executionsTable: Table,
  id: JobExecutionId,
  range: { filter: Partial<OutcomeFilter>; after: ItemBankId | undefined; limit: number },
): AsyncGenerator<OutcomeEntry> {
  const conditions = conditionsOf(range.filter);
  const isFiltered = conditions.length > 0;
  const pages = queryPages(executionsTable, {
    partition: KEYS.workingRows(id),
    prefix: ITEM_PREFIX,
    filter: isFiltered ? filterBy(conditions) : undefined,
    after: range.after && KEYS.item(id, range.after),
    // One more row, to know whether there is another page. With a filter, matching rows may be far apart.
    pageRows: isFiltered ? undefined : range.limit + 1,
  });
  for await (const { rows, last } of pages) {
    yield* rows.map((row) => entryOf(row, id));
    if (last) yield { kind: 'searched', id: idOf(last) };
  }
}

const conditionsOf = (filter: Partial<OutcomeFilter>): Condition[] =>
  Object.entries(filter).map(([name, value]) => ({
    attributes: ATTRIBUTES[name as keyof OutcomeFilter],
    value,
  }));

const ITEM_PREFIX = 'ITEM#';
const idOf = ({ sk }: { sk?: unknown }): ItemBankId =>
  itemBankId(Number(String(sk).slice(ITEM_PREFIX.length)));

function entryOf(row: Row, id: JobExecutionId): OutcomeEntry {
  const itemId = idOf(row);
  try {
    return { kind: 'item', id: itemId, item: parseItemRow(row, id) };
  } catch (error) {
    if (!isSyncError(error, 'RowInvalid')) throw error;
    return { kind: 'unreadable', id: itemId, fault: error };
  }
}
