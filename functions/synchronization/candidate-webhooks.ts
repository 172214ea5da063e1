import { isDeepStrictEqual } from 'node:util';
import type { HeadReading } from '../github/heads.ts';
import { QUERIES_IN_FLIGHT } from '../github/repository-queries.ts';
import { isMirrored } from '../mirror/mirror-rows.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { Deferral } from '../shared/deferral.ts';
import { hasCurrentSecret } from '../webhooks/check-webhook.ts';
import { checkWebhooks, type Selection } from '../webhooks/check-webhooks.ts';
import { chooseByRotation } from '../webhooks/rotation.ts';
import type { Candidate, Progress, Rows, SynchronizationContext } from './synchronization.ts';

/**
 * Checks the webhooks while GitHub computes the heads, which takes it seconds. That is possible if all are checked, and
 * if the names of the repositories were listed by this run. What the heads prove wrong is checked again.
 * @returns why some were not checked.
 */
export async function checkListed(
  { github, webhookChecks, concurrency, stop, namesAreOld }: SynchronizationContext,
  { checks }: Progress,
  { repositories, rows }: { repositories: readonly ListedRepository[]; rows: Rows },
): Promise<Deferral | undefined> {
  if (webhookChecks !== 'all' || namesAreOld) return undefined;
  const unchecked = repositories.map((repository) => ({
    repository,
    known: rows.get(repository.itemBankId)?.webhook,
    isUnreachable: false,
  }));
  const besideQueries = Math.max(1, concurrency - QUERIES_IN_FLIGHT);
  const request = { context: github, selection: 'all', concurrency: besideQueries, stop } as const;
  return checkWebhooks(request, checks, unchecked);
}

/**
 * Checks the other webhooks, unless there is a `deferral` already, and finds out which ones have the current secret while
 * it is being replaced.
 */
export async function checkCandidates(
  { github, concurrency, stop, namesAreOld }: SynchronizationContext,
  progress: Progress,
  {
    candidates,
    selection,
    deferral,
  }: { candidates: readonly Candidate[]; selection: Selection; deferral: Deferral | undefined },
): Promise<void> {
  const unchecked = candidates.map(({ repository, row, head }) => ({
    repository,
    known: row?.webhook,
    isUnreachable: isUnreachable(head, namesAreOld),
  }));
  const request = { context: github, selection, concurrency, stop };
  progress.deferral = deferral ?? (await checkWebhooks(request, progress.checks, unchecked));
  if (!github.isSecretRotating) return;
  for (const { repository, row } of candidates) {
    const check = progress.checks.get(repository.itemBankId);
    const isCurrent = check && hasCurrentSecret(github, check, row?.webhook);
    if (isCurrent !== undefined) progress.currentSecrets.set(repository.itemBankId, isCurrent);
  }
}

/** Forgets checks of repositories that are gone, or that have another name or state than the listing said. */
export function forgetDisproved(
  { checks }: Progress,
  {
    repositories,
    candidates,
  }: { repositories: readonly ListedRepository[]; candidates: readonly Candidate[] },
): void {
  const listed = new Map(repositories.map((repository) => [repository.itemBankId, repository]));
  for (const { repository, head } of candidates) {
    const isAsListed = isDeepStrictEqual(repository, listed.get(repository.itemBankId));
    if (!isAsListed || isUnreachable(head)) checks.delete(repository.itemBankId);
  }
}

/** @param namesAreOld a request by an old name may have met another repository. */
const isUnreachable = (head: HeadReading, namesAreOld = false): boolean =>
  head.kind === 'failed' &&
  (namesAreOld ? head.repositoryName === undefined : head.failure.reason === 'REPOSITORY_NOT_FOUND');

export async function selectWebhooks(
  { webhookChecks: rotation, mirror }: SynchronizationContext,
  {
    rows,
    candidates,
    judgments,
  }: {
    rows: Rows;
    candidates: readonly Candidate[];
    judgments: Progress['judgments'];
  },
): Promise<Selection> {
  if (typeof rotation === 'string' || !('classes' in rotation)) return rotation;
  const ids = rotation.batch.map(({ itemBankId }) => itemBankId);
  const others = await mirror.read(ids.filter((id) => !rows.has(id)));
  const changed = new Set(
    candidates
      .filter(
        ({ row, changed: item }) => row && isMirrored(row) && item && item.seen.headCommit !== row.headCommit,
      )
      .map(({ repository }) => repository.itemBankId),
  );
  const checkable = ids.map((id) => {
    const row = rows.get(id) ?? others.get(id);
    // An earlier invocation of this run may have written the change.
    const isWritten = row?.changedBy === rotation.jobExecutionId && row.change === 'updated';
    const isUnannounced = judgments.get(id) === 'missed';
    return [id, { webhook: row?.webhook, isChanged: changed.has(id) || isWritten, isUnannounced }] as const;
  });
  return chooseByRotation(rotation, new Map(checkable));
}
