import type { JobExecutionId } from '../shared/contract/ids.ts';
import type { KnownWebhook, MissedDelivery, WebhookState } from '../shared/contract/webhooks.ts';
import { isInOrder, type WebhookCheck } from './check-webhook.ts';

/** What a run knows of deliveries. */
export interface DeliveryKnowledge {
  jobExecutionId: JobExecutionId;
  /** When the last full run began, ISO 8601. */
  lastFullRun: string | undefined;
  /** The webhook for all repositories, if there is one; if undefined, each repository has its own. */
  sharedWebhook: { known: KnownWebhook | undefined } | undefined;
  /** Whether deliveries wait in a queue, or may wait there. */
  mayBePending: () => Promise<boolean>;
}

/** A change of an item that a run found. Times are ISO 8601. */
export interface FoundChange {
  /** When the mirror last showed what the bank had; undefined if the row says that it could not be compared. */
  verifiedAt: string | undefined;
  /** Whether the followed branch is still the same one. Pushes do not announce that it is another one. */
  isSameBranch: boolean;
  /** When the repository was last pushed to, as GitHub says. The push in question was at that time or before. */
  pushedAt: string | undefined;
  /** When its head was read. */
  readAt: Date;
  /** What is remembered of the webhook that should have announced the change. */
  webhook: KnownWebhook | undefined;
}

// GitHub sends deliveries within seconds, and the function behind the queue handles them within seconds.
const GRACE_MS = 15 * 60_000;

/**
 * Judges a change by what was known before the webhook was checked in this run. A push is `missed` only if it happened
 * after the mirror was last right, while the webhook was already there, and so long ago that a delivery of it would have
 * been handled. Whether deliveries wait in the queue is for the caller to find out.
 */
export function judgeChange(change: FoundChange): MissedDelivery {
  const { verifiedAt, isSameBranch, pushedAt, readAt, webhook } = change;
  if (verifiedAt === undefined || !isSameBranch || pushedAt === undefined) return 'unknown';
  if (!webhook || !isInOrder(webhook.state) || webhook.checkedAt === undefined) return 'unknown';
  // The webhook may have been created after the push.
  if (Date.parse(webhook.checkedAt) > Date.parse(verifiedAt)) return 'unknown';
  // The mirror was compared after the push, but GitHub still showed the commit before it. A delivery may have caused that.
  if (Date.parse(pushedAt) <= Date.parse(verifiedAt)) return 'unknown';
  // A delivery may be on its way.
  if (Date.parse(pushedAt) > readAt.getTime() - GRACE_MS) return 'unknown';
  return 'missed';
}

/** States that explain why no delivery came. */
const EXPLAINS: ReadonlySet<WebhookState> = new Set(['missing', 'differs', 'archived', 'forbidden']);

/** @returns the judgment after the check of the webhook; undefined if the check explains why no delivery came. */
export function judgeAfterCheck(
  judgment: MissedDelivery,
  { found, failure }: Pick<WebhookCheck, 'found' | 'failure'>,
): MissedDelivery | undefined {
  if (EXPLAINS.has(found)) return undefined;
  return failure ? 'unknown' : judgment;
}
