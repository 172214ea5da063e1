import type { ItemBankId, JobExecutionId } from '../shared/contract/ids.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { KnownWebhook } from '../shared/contract/webhooks.ts';

/** Which webhooks a run checks if it cannot check all of them. */
export interface Rotation {
  jobExecutionId: JobExecutionId;
  /** The classes that this run checks: see `classOf`. */
  classes: readonly number[];
  /** All repositories of the run's batch, so that each invocation for the batch makes the same choice. */
  batch: readonly ListedRepository[];
  /** When the run began. */
  since: Date;
}

/** What decides whether the webhook of a repository is checked. */
export interface Checkable {
  webhook: KnownWebhook | undefined;
  /** The item of the repository, which the mirror showed before, changed. */
  isChanged: boolean;
  /** A delivery should have announced the change, and did not, so that the webhook may be broken. */
  isUnannounced: boolean;
}

/** Seven completed runs check the webhook of every repository. */
export const CLASSES = 7;

/** GitHub's ids are consecutive numbers, so the classes have about the same size. */
export const classOf = (id: ItemBankId): number => id % CLASSES;

/**
 * The classes whose webhooks a run checks: as many as fit into the share that the quota allows, and at least one. A
 * place for one class is left to new and changed repositories. Each run begins with the class after the one that the
 * last completed run began with.
 * @param share of all repositories.
 */
export function classesFor(share: number, completedRuns: number): number[] {
  const count = share >= 1 ? CLASSES : Math.max(1, Math.floor(share * CLASSES) - 1);
  return Array.from({ length: count }, (_, index) => (completedRuns + index) % CLASSES);
}

/**
 * Chooses the repositories of a batch whose webhooks are checked:
 *
 * 1. webhooks that are known to be missing or different,
 * 2. the classes of this run,
 * 3. up to a seventh of the batch in addition: items that changed without a delivery first, then other changed items, then
 *    webhooks that were never checked.
 *
 * Archived repositories are never chosen.
 *
 * A first check of a repository is stored, and counts, so that a repeated invocation does not choose additional ones.
 */
export function chooseByRotation(
  { classes, batch, since }: Rotation,
  known: ReadonlyMap<ItemBankId, Checkable>,
): Set<ItemBankId> {
  const candidates = batch
    .filter(({ archived }) => !archived)
    .map(({ itemBankId }) => ({ itemBankId, rank: rankOf(known.get(itemBankId), since) }));
  const isDue = ({ itemBankId, rank }: (typeof candidates)[number]): boolean =>
    rank === RANK.broken || classes.includes(classOf(itemBankId));
  const others = candidates
    .filter((candidate) => !isDue(candidate) && candidate.rank < RANK.other)
    .toSorted((a, b) => a.rank - b.rank || a.itemBankId - b.itemBankId)
    .slice(0, Math.ceil(candidates.length / CLASSES));
  return new Set([...candidates.filter(isDue), ...others].map(({ itemBankId }) => itemBankId));
}

const RANK = { broken: 0, checkedInThisRun: 1, unannounced: 2, changed: 3, neverChecked: 4, other: 5 };

function rankOf({ webhook, isChanged, isUnannounced }: Checkable = UNKNOWN, since: Date): number {
  if (webhook?.state === 'missing' || webhook?.state === 'differs') return RANK.broken;
  if (webhook?.checkedAt === undefined) return isChanged ? RANK.changed : RANK.neverChecked;
  if (Date.parse(webhook.checkedAt) >= since.getTime()) return RANK.checkedInThisRun;
  if (isUnannounced) return RANK.unannounced;
  return isChanged ? RANK.changed : RANK.other;
}

const UNKNOWN: Checkable = { webhook: undefined, isChanged: false, isUnannounced: false };
