import { type ItemRow, readReportedItems } from '../executions/item-result.ts';
import type { Counts } from '../executions/job-execution.ts';
import type { ItemBankId, JobExecutionId } from '../shared/contract/ids.ts';
import type { Reason, RunOptions } from '../shared/contract/job-execution.ts';
import type { NamedRepository } from '../shared/contract/repositories.ts';
import type { Table } from '../shared/dynamodb.ts';
import type { Log } from '../shared/logger.ts';

/** How many item bank ids have the same reason, and the first of them. */
interface ReasonCount {
  /** Absent if an earlier release did not record one. */
  reason?: Reason;
  count: number;
  itemBankIds: ItemBankId[];
}

/** What a run logs about single items at its end. */
export interface RunSummary {
  updated: { count: number; first: NamedRepository[] };
  failed: ReasonCount[];
  deferred: ReasonCount[];
  /** Webhooks that could not be checked, created or repaired. */
  webhooks: ReasonCount[];
  /** Ids that failed or were deferred. */
  staleIds: ItemBankId[];
}

// More lines would bury the last lines of the run.
const MAX_UPDATED_LINES = 50;
const MAX_IDS_PER_REASON = 3;

export const emptySummary = (): RunSummary => ({
  updated: { count: 0, first: [] },
  failed: [],
  deferred: [],
  webhooks: [],
  staleIds: [],
});

/** Whether a run with these counts has something to report in its summary. */
export function hasNews({ updated, failed, deferred, ...webhooks }: Counts): boolean {
  const { webhooksNotChecked, webhooksNotCreated, webhooksNotRepaired } = webhooks;
  return updated + failed + deferred + webhooksNotChecked + webhooksNotCreated + webhooksNotRepaired > 0;
}

/**
 * Adds up the run's rows of items, one for each item in the first run of a bank.
 * @throws RangeError if the time is over: numbers of a part of the rows would look like those of the run.
 */
export async function readRunSummary(
  executionsTable: Table,
  id: JobExecutionId,
  isTimeOver: () => boolean,
): Promise<RunSummary> {
  const summary = emptySummary();
  for await (const row of readReportedItems(executionsTable, id)) {
    if (isTimeOver()) throw new RangeError('too little time is left for all rows');
    addRow(summary, row);
  }
  return summary;
}

function addRow(summary: RunSummary, row: ItemRow): void {
  const { itemBankId, repositoryName, outcome, reason, webhookFailure } = row;
  if (outcome === 'updated') {
    const { updated } = summary;
    updated.count += 1;
    if (updated.first.length < MAX_UPDATED_LINES) updated.first.push({ itemBankId, repositoryName });
  }
  if (outcome === 'failed' || outcome === 'deferred') {
    addReason(summary[outcome], itemBankId, reason);
    summary.staleIds.push(itemBankId);
  }
  if (webhookFailure) addReason(summary.webhooks, itemBankId, webhookFailure.reason);
}

function addReason(counts: ReasonCount[], itemBankId: ItemBankId, reason: Reason | undefined): void {
  let known = counts.find((each) => each.reason === reason);
  if (!known) {
    known = { ...(reason && { reason }), count: 0, itemBankIds: [] };
    counts.push(known);
  }
  known.count += 1;
  if (known.itemBankIds.length < MAX_IDS_PER_REASON) known.itemBankIds.push(itemBankId);
}

/** Logs which items the run updated, and one line with its failures and deferrals. */
export function logRunSummary(
  log: Log,
  { updated, failed, deferred, webhooks }: RunSummary,
  { dryRun }: Pick<RunOptions, 'dryRun'>,
): void {
  const verb = dryRun ? 'would update' : 'updated';
  for (const { itemBankId, repositoryName } of updated.first) {
    log.info(`${verb} the item of item bank id ${itemBankId} (${repositoryName})`);
  }
  const others = updated.count - updated.first.length;
  if (others > 0) log.info(`${verb} ${others} more items`);
  const parts = [
    sentenceOf('item bank ids failed', failed),
    sentenceOf('were deferred', deferred),
    sentenceOf('project webhooks failed', webhooks),
  ].filter((part) => part !== undefined);
  if (parts.length > 0)
    log.warn(`failures: ${parts.join('; ')}`, { failures: { failed, deferred, webhooks } });
}

/** `12 item bank ids failed: ITEM_JSON_INVALID 9 (190054474, 190054475, 190054476, …), CONFLICT 3 (…)` */
function sentenceOf(what: string, reasons: readonly ReasonCount[]): string | undefined {
  if (reasons.length === 0) return undefined;
  const total = reasons.reduce((sum, { count }) => sum + count, 0);
  const listed = reasons
    .toSorted((a, b) => b.count - a.count)
    .map(({ reason = 'no reason', count, itemBankIds }) => {
      const more = count > itemBankIds.length ? ', …' : '';
      return `${reason} ${count} (${itemBankIds.join(', ')}${more})`;
    });
  return `${total} ${what}: ${listed.join(', ')}`;
}
