import type { ItemBankId } from '../shared/contract/ids.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { KnownWebhook } from '../shared/contract/webhooks.ts';

/** Which repositories have their webhooks looked at. */
export type WebhookLooks = 'all' | 'none' | WebhookTurns;

/** A part of the repositories in each run, so that every one has its turn. */
export interface WebhookTurns {
  /** How large a part: more than 0, to 1. */
  share: number;
  /** All that the run's batch has, done or not: each of its invocations makes the same choice. */
  batch: readonly ListedRepository[];
  /** When the run began. */
  since: Date;
}

const DAY_MS = 86_400_000;
// Six nights ago. The next run would be the seventh night, and a night may begin some hours earlier or later.
const LOOK_AGAIN_MS = 5.5 * DAY_MS;

/**
 * Chooses those whose turn it is, as far as the share goes: those that are known to lack their webhook, or to have one
 * that is not right; those that would otherwise not be looked at within a week, or wait for their first look for that
 * long; then those never looked at, and then the others, each longest first. The first two are chosen also beyond the
 * share. An archived repository has no turn.
 *
 * Those that were looked at since the run began had their turn in it, and count: so a repeated invocation, which
 * meets what the ones before it noted, goes on with their choice and looks at no further ones.
 */
export function chooseTurns(
  { share, batch, since }: WebhookTurns,
  known: ReadonlyMap<ItemBankId, KnownWebhook | undefined>,
): Set<ItemBankId> {
  const waiting = batch
    .filter(({ archived }) => !archived)
    .map(({ itemBankId }) => turnOf(itemBankId, known.get(itemBankId), since.getTime()))
    .toSorted((a, b) => a.rank - b.rank || a.at - b.at || a.itemBankId - b.itemBankId);
  const places = Math.ceil(share * waiting.length);
  const chosen = waiting.filter(({ rank }, index) => index < places || rank <= RANK.pressing);
  return new Set(chosen.map(({ itemBankId }) => itemBankId));
}

const RANK = { had: 0, pressing: 1, new: 2, other: 3 };

interface Turn {
  itemBankId: ItemBankId;
  rank: number;
  /** When it was looked at, or began to wait. */
  at: number;
}

function turnOf(itemBankId: ItemBankId, known: KnownWebhook | undefined, since: number): Turn {
  const checkedAt = known?.checkedAt === undefined ? undefined : Date.parse(known.checkedAt);
  // Whoever was met by this run is as new to all its invocations.
  const at = checkedAt ?? Math.min(known?.metAt === undefined ? since : Date.parse(known.metAt), since);
  return { itemBankId, at, rank: rankOf(known, { checkedAt, at, since }) };
}

function rankOf(
  known: KnownWebhook | undefined,
  { checkedAt, at, since }: { checkedAt: number | undefined; at: number; since: number },
): number {
  if (checkedAt !== undefined && checkedAt >= since) return RANK.had;
  if (known?.state === 'missing' || known?.state === 'differs') return RANK.pressing;
  if (at <= since - LOOK_AGAIN_MS) return RANK.pressing;
  return checkedAt === undefined ? RANK.new : RANK.other;
}
