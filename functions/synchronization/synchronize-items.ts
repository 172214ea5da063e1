import pMap from 'p-map';
import type { ItemResult } from '../executions/item-result.ts';
import { type HeadReading, readHeads } from '../github/heads.ts';
import type { Mirror } from '../mirror/mirror.ts';
import type { MirrorRow, SeenRepository } from '../mirror/mirror-rows.ts';
import { isUnchanged, planItem } from '../mirror/plan-item.ts';
import { chunksOf } from '../shared/chunks.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { Failure, FieldIssue, Outcome } from '../shared/contract/job-execution.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { KnownWebhook } from '../shared/contract/webhooks.ts';
import { type Deferral, deferralOf } from '../shared/deferral.ts';
import type { WebhookContext } from '../webhooks/check-webhook.ts';
import {
  checkWebhooks,
  type RepositoryCheck,
  type Selection,
  webhookToRemember,
} from '../webhooks/check-webhooks.ts';
import { chooseByRotation, type Rotation } from '../webhooks/rotation.ts';
import { type ChangedItem, type LoadedItem, loadChangedItems } from './load-changed-items.ts';
import { findSameItemIds, type NewItemId, newItemIdOf } from './same-item-id.ts';

export interface SynchronizationContext {
  /** Of GitHub, and of the project webhook. */
  github: WebhookContext;
  mirror: Mirror;
  /** How many repositories have a REST request in flight at a time. */
  concurrency: number;
  /** Which webhooks are checked. */
  webhookChecks: 'all' | 'none' | Rotation;
  /** Asked before anything new begins. */
  stop: () => Deferral | undefined;
}

/** What the synchronization did to one item. */
type ItemOutcome =
  | {
      outcome: Extract<Outcome, 'created' | 'updated' | 'unchanged'>;
      revisions?: number;
      fieldIssues?: FieldIssue[];
    }
  | { outcome: 'failed'; failure: Failure };

/** The outcome of an item that other writers keep changing. */
export const CONFLICT: Extract<ItemOutcome, { outcome: 'failed' }> = {
  outcome: 'failed',
  failure: { reason: 'CONFLICT', message: 'other writers kept changing the item' },
};

// Histories and files of a group are in memory together, and are lost together if GitHub asks to wait.
const GROUP_SIZE = 25;
// A writer that interferes has itself synchronized the item. Three in a row mean that something else is wrong.
const MAX_ATTEMPTS = 3;
// DynamoDB requests of one group at a time: enough to hide their latency.
const WRITES_IN_FLIGHT = 10;

/** How far the synchronization of a list of repositories is. */
interface Progress {
  /** Chosen once: what is remembered of the first checks must not change the choice. */
  selection: Selection | undefined;
  checks: Map<ItemBankId, RepositoryCheck>;
  results: Map<ItemBankId, ItemResult>;
  /** Item ids that were written. */
  newItemIds: NewItemId[];
  deferral: Deferral | undefined;
}

/**
 * Makes the mirror's rows of each repository what the bank says, and checks its webhooks. A failure of one repository is
 * its outcome, and does not affect the others.
 * @returns results in the order of `repositories`, and why the remaining ones must wait.
 * @throws SyncError `GitHubCredentialsRejected`; what DynamoDB throws.
 */
export async function synchronizeItems(
  context: SynchronizationContext,
  repositories: readonly ListedRepository[],
): Promise<{ results: ItemResult[]; deferral: Deferral | undefined }> {
  const progress: Progress = {
    selection: undefined,
    checks: new Map(),
    results: new Map(),
    newItemIds: [],
    deferral: context.stop(),
  };
  let left = repositories;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS && left.length > 0 && !progress.deferral; attempt += 1) {
    try {
      await attemptAll(context, progress, left);
    } catch (error) {
      progress.deferral = deferralOf(error);
    }
    left = left.filter(({ itemBankId }) => !progress.results.has(itemBankId));
  }
  if (!progress.deferral)
    for (const repository of left) record(context, progress, { repository, outcome: CONFLICT });
  const results = repositories.flatMap(({ itemBankId }) => progress.results.get(itemBankId) ?? []);
  return { results, deferral: progress.deferral };
}

/** A repository, its row in the mirror, and its head in the bank. */
interface Candidate {
  repository: ListedRepository;
  row: MirrorRow | undefined;
  head: HeadReading;
  /** Set if the row does not show the head. */
  changed: ChangedItem | undefined;
}

async function attemptAll(
  context: SynchronizationContext,
  progress: Progress,
  repositories: readonly ListedRepository[],
): Promise<void> {
  const { github, mirror, stop } = context;
  // Rows come first: a head may only be written over the row that existed before the head was read.
  const rows = await mirror.read(repositories.map(({ itemBankId }) => itemBankId));
  const heads = await readHeads(github, repositories);
  const candidates = repositories.flatMap((listed): Candidate[] => {
    const head = heads.get(listed.itemBankId);
    return head ? [candidateOf(listed, head, rows.get(listed.itemBankId))] : [];
  });
  // Webhooks come before items: if GitHub asks to wait after an item was written, its outcome would be lost.
  progress.selection ??= await selectWebhooks(context, rows);
  progress.deferral = await checkWebhooks(
    { context: github, selection: progress.selection, concurrency: context.concurrency, stop },
    progress.checks,
    candidates.map(({ repository, row, head }) => ({
      repository,
      known: row?.webhook,
      isGone: head.kind === 'failed' && head.failure.reason === 'REPOSITORY_NOT_FOUND',
    })),
  );
  const checked = candidates.filter(({ repository }) => progress.checks.has(repository.itemBankId));
  // Unchanged items are quick, and one group. Changed ones are loaded and written in groups of a bounded size.
  const unchanged = checked.filter(({ changed }) => !changed);
  const changed = checked.filter((candidate) => candidate.changed);
  const groups = [...chunksOf(unchanged, {}), ...chunksOf(changed, { count: GROUP_SIZE })];
  for (const [index, group] of groups.entries()) {
    // The first group is always done. If checking slow webhooks used up the time of each invocation, none would ever
    // synchronize an item.
    const deferral = index === 0 ? undefined : stop();
    if (deferral) {
      progress.deferral ??= deferral;
      return;
    }
    await synchronizeGroup(context, progress, group);
  }
}

function candidateOf(listed: ListedRepository, head: HeadReading, row: MirrorRow | undefined): Candidate {
  if (head.kind === 'failed') return { repository: listed, head, row, changed: undefined };
  const seen = seenRepository(listed, head);
  const { itemBankId, nodeId, repositoryName, archived } = seen;
  return {
    repository: { itemBankId, nodeId, repositoryName, archived },
    head,
    row,
    changed: row && isUnchanged(row, seen) ? undefined : { row, seen, byteSize: head.head.blob.byteSize },
  };
}

/** What the mirror stores of a head. The repository may have been renamed or archived since it was listed. */
export function seenRepository(
  { itemBankId, nodeId }: ListedRepository,
  { repositoryName, archived, head }: Extract<HeadReading, { kind: 'read' }>,
): SeenRepository {
  const { branch, isBeingCreated, commit: headCommit, blob } = head;
  return {
    itemBankId,
    nodeId,
    repositoryName,
    archived,
    branch,
    isBeingCreated,
    headCommit,
    blobOid: blob.oid,
  };
}

async function selectWebhooks(
  { webhookChecks, mirror }: SynchronizationContext,
  rows: ReadonlyMap<ItemBankId, MirrorRow>,
): Promise<Selection> {
  if (typeof webhookChecks === 'string') return webhookChecks;
  const ids = webhookChecks.batch.map(({ itemBankId }) => itemBankId);
  const others = await mirror.read(ids.filter((id) => !rows.has(id)));
  const known = new Map(ids.map((id) => [id, (rows.get(id) ?? others.get(id))?.webhook]));
  return chooseByRotation(webhookChecks, known);
}

/** Items that another writer changes in the meantime get no result. */
async function synchronizeGroup(
  context: SynchronizationContext,
  progress: Progress,
  group: readonly Candidate[],
): Promise<void> {
  const changed = group.flatMap((candidate) => candidate.changed ?? []);
  const loaded = await loadChangedItems(context.github, context.mirror, changed);
  const loadedBy = new Map(changed.map((item, index) => [item, loaded[index]]));
  const synchronizeItem = async (candidate: Candidate): Promise<NewItemId[]> => {
    const { repository, row } = candidate;
    const check = progress.checks.get(repository.itemBankId);
    const webhook = check && webhookToRemember(check, row?.webhook);
    const item = candidate.changed && loadedBy.get(candidate.changed);
    const outcome = await writeItem(context.mirror, candidate, { item, webhook });
    if (!outcome) return [];
    record(context, progress, { repository, outcome });
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

/** @returns undefined if another writer changed the row in the meantime. */
async function writeItem(
  mirror: Mirror,
  { repository, row, head }: Candidate,
  { item, webhook }: { item: LoadedItem | undefined; webhook: KnownWebhook | undefined },
): Promise<ItemOutcome | undefined> {
  const fail = async (failure: Failure): Promise<ItemOutcome | undefined> => {
    const isRecorded = await mirror.recordFailure({ repository, row }, failure, webhook);
    return isRecorded ? { outcome: 'failed', failure } : undefined;
  };
  if (head.kind === 'failed') return fail(head.failure);
  if (!item) {
    const outcome = row && (await mirror.verify(row, webhook));
    return outcome && { outcome, ...fieldIssuesOf(row) };
  }
  if (item.kind === 'failed') return fail(item.failure);
  const plan = planItem({ before: row, stored: item.stored, bank: item.bank });
  if (plan.kind === 'failed') return fail(plan.failure);
  const outcome = await mirror.write(plan, webhook);
  const revisions = plan.revisionsToPut.length;
  return outcome && { outcome, ...(revisions > 0 && { revisions }), ...fieldIssuesOf(plan.item) };
}

const fieldIssuesOf = ({ fieldIssues }: Pick<MirrorRow, 'fieldIssues'>) => fieldIssues && { fieldIssues };

function record(
  { github }: SynchronizationContext,
  { checks, results }: Progress,
  { repository, outcome }: { repository: ListedRepository; outcome: ItemOutcome },
): void {
  const { itemBankId, repositoryName } = repository;
  const now = github.now().getTime();
  const check = checks.get(itemBankId);
  const { found = 'unchecked', id, differs, others, failure: webhookFailure, startedAt = now } = check ?? {};
  const { failure, ...rest } = outcome.outcome === 'failed' ? outcome : { ...outcome, failure: undefined };
  results.set(itemBankId, {
    itemBankId,
    repositoryName,
    webhookFound: found,
    ...(id !== undefined && { webhookId: id }),
    ...(differs && { webhookDiffers: differs }),
    ...(others && { otherWebhooks: others }),
    ...(webhookFailure && { webhookFailure }),
    ...rest,
    ...failure,
    durationMs: now - startedAt,
  });
}
