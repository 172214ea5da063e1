import pMap from 'p-map';
import type { Observation } from '../mirror/bookkeeping.ts';
import type { Mirror } from '../mirror/mirror.ts';
import { isMarked } from '../mirror/mirror-rows.ts';
import { planItem, planRevisions } from '../mirror/plan-item.ts';
import type { Failure } from '../shared/contract/job-execution.ts';
import type { Deferral } from '../shared/deferral.ts';
import { webhookToRemember } from '../webhooks/check-webhooks.ts';
import {
  type BegunItem,
  beginItems,
  type LoadedItem,
  loadLongItem,
  loadShortItems,
  shortItem,
} from './load-changed-items.ts';
import { findSameItemIds, type NewItemId, newItemIdOf } from './same-item-id.ts';
import {
  type Candidate,
  type ItemOutcome,
  type Progress,
  record,
  type SynchronizationContext,
} from './synchronization.ts';

// DynamoDB requests of one group at a time: enough to hide their latency.
const WRITES_IN_FLIGHT = 10;

/** An item that is continued when all others are done. */
export interface LongItem {
  candidate: Candidate;
  begun: BegunItem;
}

/**
 * Synchronizes those items of a group that need few requests. Items that another writer changes in the meantime get no
 * result.
 * @returns the other items, and why some of these must wait.
 */
export async function synchronizeGroup(
  context: SynchronizationContext,
  progress: Progress,
  group: readonly Candidate[],
): Promise<{ long: LongItem[]; deferral: Deferral | undefined }> {
  const { github, mirror } = context;
  const changed = group.flatMap((candidate) => candidate.changed ?? []);
  const begunItems = await beginItems(github, mirror, changed);
  const short = begunItems.flatMap((begun) => shortItem(begun) ?? []);
  const { items, deferral } = await loadShortItems(github, mirror, short);
  const loadedBy = new Map(short.map((item, index) => [item.changed, items[index]]));
  const ready = group.flatMap((candidate): ReadyItem[] => {
    if (!candidate.changed) return [{ candidate, item: undefined }];
    const item = loadedBy.get(candidate.changed);
    return item && item.kind !== 'unfinished' ? [{ candidate, item }] : [];
  });
  await writeGroup(context, progress, ready);
  const begunBy = new Map(begunItems.map((begun) => [begun.changed, begun]));
  const long = group.flatMap((candidate): LongItem[] => {
    const begun = candidate.changed && begunBy.get(candidate.changed);
    return begun && !loadedBy.has(begun.changed) ? [{ candidate, begun }] : [];
  });
  return { long, deferral };
}

/**
 * Synchronizes an item alone. If it cannot be read to its end, what was read is stored, and the next time continues there.
 * @returns why it must wait.
 * @throws DeferredError while its commits are listed.
 */
export async function synchronizeLongItem(
  context: SynchronizationContext,
  progress: Progress,
  { candidate, begun }: LongItem,
): Promise<Deferral | undefined> {
  const { github, mirror } = context;
  const { item, deferral } = await loadLongItem(github, mirror, begun);
  const part = item.kind === 'loaded' ? undefined : item.part;
  const { row: before, repository } = candidate;
  const stored = part
    ? await mirror.storeRevisions(planRevisions({ ...part, before, repository }))
    : { row: before };
  // Without a result the item is tried again: by another attempt after another writer came in between, or later.
  if (!stored || (item.kind === 'unfinished' && deferral)) return deferral;
  await writeGroup(context, progress, [{ candidate: { ...candidate, row: stored.row }, item }]);
  return deferral;
}

/** A candidate, and what was loaded of it if it changed. */
interface ReadyItem {
  candidate: Candidate;
  item: LoadedItem | undefined;
}

async function writeGroup(
  context: SynchronizationContext,
  progress: Progress,
  group: readonly ReadyItem[],
): Promise<void> {
  const synchronizeItem = async ({ candidate, item }: ReadyItem): Promise<NewItemId[]> => {
    const { repository, row } = candidate;
    const check = progress.checks.get(repository.itemBankId);
    const webhook = check && webhookToRemember(check, row?.webhook);
    const delivery = progress.judgments.get(repository.itemBankId);
    const outcome = await writeItem(context.mirror, { candidate, item }, { webhook, delivery });
    if (!outcome) return [];
    record(context, progress, { repository, outcome });
    if (!context.mirror.isDryRun && mayOverwrite(candidate, outcome)) progress.written.push(candidate);
    const itemId = newItemIdOf(outcome.outcome, { row, item });
    return itemId === undefined ? [] : [{ repository, itemId }];
  };
  const written = await pMap(group, synchronizeItem, { concurrency: WRITES_IN_FLIGHT });
  await context.mirror.publishChanges();
  const others = await findSameItemIds(context.mirror, progress.newItemIds, written.flat());
  for (const [id, sameItemId] of others) {
    const result = progress.results.get(id);
    if (result) progress.results.set(id, { ...result, sameItemId });
  }
}

/**
 * Whether a write may have replaced what another writer had found to be right, and had therefore left as it was. Where
 * the row was marked, the other writer would have removed the mark, and this write would have failed.
 */
function mayOverwrite({ row, changed }: Candidate, { outcome }: ItemOutcome): boolean {
  if (outcome === 'failed') return !row || !isMarked(row);
  return changed !== undefined && outcome !== 'deferred';
}

/** @returns undefined if another writer changed the row in the meantime. */
async function writeItem(
  mirror: Mirror,
  { candidate: { repository, row, head, readAt }, item }: ReadyItem,
  seen: Omit<Observation, 'readAt'>,
): Promise<ItemOutcome | undefined> {
  const observation = { readAt, ...seen };
  const fail = async (failure: Failure): Promise<ItemOutcome | undefined> => {
    const isRecorded = await mirror.recordFailure({ repository, row }, failure, observation);
    return isRecorded ? { outcome: 'failed', failure } : undefined;
  };
  if (head.kind === 'failed') return fail(head.failure);
  if (!item) {
    const outcome = row && (await mirror.verify(row, observation));
    return outcome && { outcome, ...(row.fieldIssues && { fieldIssues: row.fieldIssues }) };
  }
  if (item.kind === 'failed') return fail(item.failure);
  if (item.kind === 'unfinished') return unfinished(item);
  const plan = planItem({ before: row, stored: item.stored, bank: item.bank });
  if (plan.kind === 'failed') return fail(plan.failure);
  const outcome = await mirror.write(plan, observation);
  const revisions = plan.revisionsToPut.length;
  const { fieldIssues } = plan.item;
  return outcome && { outcome, ...(revisions > 0 && { revisions }), ...(fieldIssues && { fieldIssues }) };
}

function unfinished({ part: { revisions } }: Extract<LoadedItem, { kind: 'unfinished' }>): ItemOutcome {
  const read = revisions.filter((revision) => revision !== undefined).length;
  const message = `${read} of ${revisions.length} versions of item.json are read; the next run continues`;
  return { outcome: 'deferred', failure: { reason: 'HISTORY_UNFINISHED', message } };
}
