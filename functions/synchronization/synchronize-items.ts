import { isDeepStrictEqual } from 'node:util';
import type { ItemResult } from '../executions/item-result.ts';
import { isCreateBranch } from '../github/create-prefix.ts';
import { type HeadReading, readHeads } from '../github/heads.ts';
import { MAX_ITEM_JSON_BYTES } from '../mirror/item-json.ts';
import type { MirrorRow, SeenRepository } from '../mirror/mirror-rows.ts';
import { isUnchanged } from '../mirror/plan-item.ts';
import { chunksOf } from '../shared/chunks.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import { type Deferral, deferralOf } from '../shared/deferral.ts';
import { checkCandidates, checkListed, forgetDisproved, selectWebhooks } from './candidate-webhooks.ts';
import { judgeChanges } from './missed-deliveries.ts';
import {
  type Candidate,
  CONFLICT,
  type Progress,
  type Rows,
  record,
  type SynchronizationContext,
} from './synchronization.ts';
import { type LongItem, synchronizeGroup, synchronizeLongItem } from './synchronize-group.ts';

// The files at the heads of a group are in memory together.
const MAX_GROUP_BYTES = 8_000_000;
// A writer that interferes has itself synchronized the item. Three in a row mean that something else is wrong.
const MAX_ATTEMPTS = 3;

/**
 * Makes the mirror's rows of each repository what the bank says, and checks its webhooks. A failure of one repository is
 * its outcome, and does not affect the others.
 *
 * The heads of items that were written are read again afterwards, and those that differ are synchronized again. Otherwise
 * a slow writer could overwrite what a faster one had found unchanged: see docs/decisions/0028.
 * @returns results in the order of `repositories`, why the remaining ones must wait, and the heads that were read.
 * @throws SyncError `GitHubCredentialsRejected`; what DynamoDB throws.
 */
export async function synchronizeItems(
  context: SynchronizationContext,
  repositories: readonly ListedRepository[],
): Promise<Pick<Progress, 'deferral' | 'heads'> & { results: ItemResult[] }> {
  const progress: Progress = {
    selection: undefined,
    checks: new Map(),
    judgments: new Map(),
    currentSecrets: new Map(),
    results: new Map(),
    heads: new Map(),
    named: new Map(),
    written: [],
    newItemIds: [],
    deferral: context.stop(),
  };
  let left = repositories;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS && left.length > 0 && !progress.deferral; attempt += 1) {
    if (attempt > 1) progress.deferral ??= context.stop();
    if (progress.deferral) break;
    const attempted = left;
    await untilDeferral(progress, () => attemptAll(context, progress, attempted));
    await untilDeferral(progress, () => readAgain(context, progress));
    // What could not be read again is synchronized again.
    for (const { repository } of progress.written.splice(0)) progress.results.delete(repository.itemBankId);
    left = left
      .filter(({ itemBankId }) => !progress.results.has(itemBankId))
      .map((repository) => progress.named.get(repository.itemBankId) ?? repository);
  }
  if (left.length > 0) progress.deferral ??= context.stop();
  if (!progress.deferral) {
    for (const repository of left) record(context, progress, { repository, outcome: CONFLICT });
    await context.mirror.recordDeferrals(left.map(({ itemBankId }) => itemBankId));
  }
  const results = repositories.flatMap(({ itemBankId }) => progress.results.get(itemBankId) ?? []);
  return { results, deferral: progress.deferral, heads: progress.heads };
}

async function untilDeferral(progress: Progress, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const deferral = deferralOf(error);
    progress.deferral ??= deferral;
  }
}

/**
 * Reads the heads of the written items again. Those that still have the same head are done. It does so even when time has
 * run out or GitHub asked to wait, because their results would be lost otherwise.
 */
async function readAgain({ github }: SynchronizationContext, progress: Progress): Promise<void> {
  const { written } = progress;
  if (written.length === 0) return;
  const onCreateBranch = new Set(
    written.flatMap(({ repository, head }) =>
      head.kind === 'read' && isCreateBranch(head.head.branch) ? [repository.itemBankId] : [],
    ),
  );
  const repositories = written.map(({ repository }) => repository);
  const heads = await readHeads(github, repositories, (id) => onCreateBranch.has(id));
  progress.written = written.filter(({ repository, head }) => {
    const again = heads.get(repository.itemBankId);
    return !again || !isSameHead(head, again);
  });
}

function isSameHead(before: HeadReading, after: HeadReading): boolean {
  if (before.kind === 'read' && after.kind === 'read') {
    // Another branch may have been pushed to.
    return isDeepStrictEqual({ ...before, pushedAt: undefined }, { ...after, pushedAt: undefined });
  }
  if (before.kind === 'read' || after.kind === 'read') return false;
  // Messages and request ids of the same failure differ.
  return before.failure.reason === after.failure.reason;
}

async function attemptAll(
  context: SynchronizationContext,
  progress: Progress,
  repositories: readonly ListedRepository[],
): Promise<void> {
  // Rows come first: a head may only be written over the row that existed before the head was read.
  const rows = await context.mirror.read(repositories.map(({ itemBankId }) => itemBankId));
  const [candidates, deferral] = await both(
    readCandidates(context, progress, { repositories, rows }),
    checkListed(context, progress, { repositories, rows }),
  );
  forgetDisproved(progress, { repositories, candidates });
  progress.judgments = context.deliveries ? await judgeChanges(context.deliveries, candidates) : new Map();
  // Webhooks come before items: if GitHub asks to wait after an item was written, its outcome would be lost.
  progress.selection ??= await selectWebhooks(context, { rows, candidates, judgments: progress.judgments });
  await checkCandidates(context, progress, { candidates, selection: progress.selection, deferral });
  const checked = candidates.filter(({ repository }) => progress.checks.has(repository.itemBankId));
  await synchronizeChecked(context, progress, checked);
}

async function readCandidates(
  { github }: SynchronizationContext,
  progress: Progress,
  { repositories, rows }: { repositories: readonly ListedRepository[]; rows: Rows },
): Promise<Candidate[]> {
  const readAt = github.now();
  const heads = await readHeads(github, repositories, (id) => isCreateBranch(rows.get(id)?.branch));
  return repositories.flatMap((listed): Candidate[] => {
    const head = heads.get(listed.itemBankId);
    if (!head) return [];
    if (head.kind === 'read') progress.heads.set(listed.itemBankId, head.head.commit);
    const candidate = candidateOf(listed, head, rows.get(listed.itemBankId));
    if (head.repositoryName !== undefined) progress.named.set(listed.itemBankId, candidate.repository);
    return [{ ...candidate, readAt }];
  });
}

/** Waits for both even if one fails, so that none goes on unnoticed. */
async function both<First, Second>(first: Promise<First>, second: Promise<Second>): Promise<[First, Second]> {
  await Promise.allSettled([first, second]);
  return Promise.all([first, second]);
}

/**
 * Unchanged items are quick, and one group. Changed ones are loaded and written in groups, each with one query for its
 * histories. Those that need many requests come last.
 */
async function synchronizeChecked(
  context: SynchronizationContext,
  progress: Progress,
  candidates: readonly Candidate[],
): Promise<void> {
  const { stop } = context;
  const unchanged = candidates.filter(({ changed }) => !changed);
  let left = candidates.filter(({ changed }) => changed);
  let group = unchanged.length > 0 ? unchanged : nextGroup(context, left);
  const long: LongItem[] = [];
  // The first group is always begun. If checking slow webhooks used up the time of each invocation, none would ever
  // synchronize an item.
  let deferral: Deferral | undefined;
  while (group.length > 0 && !deferral) {
    const synchronized = await synchronizeGroup(context, progress, group);
    long.push(...synchronized.long);
    if (group !== unchanged) left = left.slice(group.length);
    group = nextGroup(context, left);
    deferral = synchronized.deferral ?? (group.length > 0 ? stop() : undefined);
  }
  for (const item of long) deferral ??= stop() ?? (await synchronizeLongItem(context, progress, item));
  progress.deferral ??= deferral;
}

function nextGroup({ github }: SynchronizationContext, changed: readonly Candidate[]): Candidate[] {
  // A file that is too large to be stored is not downloaded.
  const bytesOf = ({ changed: item }: Candidate): number =>
    item && item.byteSize <= MAX_ITEM_JSON_BYTES ? item.byteSize : 0;
  const count = github.github.querySizes.histories.current();
  return chunksOf(changed, { count, bytes: MAX_GROUP_BYTES, bytesOf })[0] ?? [];
}

function candidateOf(
  listed: ListedRepository,
  head: HeadReading,
  row: MirrorRow | undefined,
): Omit<Candidate, 'readAt'> {
  if (head.kind === 'failed') {
    const { repositoryName = listed.repositoryName, archived = listed.archived } = head;
    return { repository: { ...listed, repositoryName, archived }, head, row, changed: undefined };
  }
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
