import type { ItemBankId } from '../shared/contract/ids.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { KnownWebhook } from '../shared/contract/webhooks.ts';

/** Which webhooks a run checks if it cannot check all of them. */
export interface Rotation {
  /** Share of the repositories: more than 0, at most 1. */
  share: number;
  /** All repositories of the run's batch, so that each invocation for the batch makes the same choice. */
  batch: readonly ListedRepository[];
  /** When the run began. */
  since: Date;
}

const DAY_MS = 86_400_000;
// Six nights. The next run would be the seventh night, and a run may begin some hours earlier or later.
const CHECK_AGAIN_MS = 5.5 * DAY_MS;

const RANK = { checkedInThisRun: 0, due: 1, neverChecked: 2, other: 3 };

/**
 * Chooses the repositories whose webhooks are checked, in this order: those whose webhook is known to be missing or
 * different, and those whose last check (or, if there was none, whose first sighting) is almost a week ago; those never
 * checked; the others, oldest check first. The first group is chosen even beyond the share. Archived repositories are
 * never chosen.
 *
 * Repositories that were checked since the run began count against the share. A repeated invocation therefore continues
 * with the choice of the earlier one and checks no additional ones.
 */
export function chooseByRotation(
  { share, batch, since }: Rotation,
  known: ReadonlyMap<ItemBankId, KnownWebhook | undefined>,
): Set<ItemBankId> {
  const candidates = batch
    .filter(({ archived }) => !archived)
    .map(({ itemBankId }) => ({ itemBankId, ...rankOf(known.get(itemBankId), since.getTime()) }))
    .toSorted((a, b) => a.rank - b.rank || a.at - b.at || a.itemBankId - b.itemBankId);
  const places = Math.ceil(share * candidates.length);
  const chosen = candidates.filter(({ rank }, index) => index < places || rank <= RANK.due);
  return new Set(chosen.map(({ itemBankId }) => itemBankId));
}

/** @returns the rank, and when the webhook was checked last or began to wait for its first check. */
function rankOf(known: KnownWebhook | undefined, since: number): { rank: number; at: number } {
  const checkedAt = known?.checkedAt === undefined ? undefined : Date.parse(known.checkedAt);
  const metAt = known?.metAt === undefined ? since : Date.parse(known.metAt);
  // Clamp to the start of the run, so that retries rank the same.
  const at = checkedAt ?? Math.min(metAt, since);
  if (checkedAt !== undefined && checkedAt >= since) return { rank: RANK.checkedInThisRun, at };
  const isBroken = known?.state === 'missing' || known?.state === 'differs';
  if (isBroken || at <= since - CHECK_AGAIN_MS) return { rank: RANK.due, at };
  return { rank: checkedAt === undefined ? RANK.neverChecked : RANK.other, at };
}
