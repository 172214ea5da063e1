import type { KnownWebhook } from '../shared/contract/webhooks.ts';
import { type Deferral, deferralOf } from '../shared/deferral.ts';
import type { WebhookContext } from './check-webhook.ts';
import type { WebhookTarget } from './webhook-target.ts';
import type { WriteAllowance } from './write-allowance.ts';
import { createWebhook, knownAfterWrite, repairWebhook, type WrittenWebhook } from './write-webhook.ts';

/** A project webhook that is missing, or differs from the wanted one. */
export interface BrokenWebhook {
  target: WebhookTarget;
  /** The webhook to repair; undefined if one is to be created. */
  id: number | undefined;
  /** Stores what the next runs need to know. */
  remember: (webhook: KnownWebhook) => Promise<void>;
  /** Stores, and logs, how this run left the webhook. */
  record: (written: WrittenWebhook) => Promise<void>;
}

/**
 * Creates or repairs a project webhook of a repository or of the organization, and stores what happened.
 * @returns why it could not be written yet.
 * @throws SyncError `GitHubCredentialsRejected`.
 */
export async function reconcile(
  context: WebhookContext,
  allowance: WriteAllowance,
  { target, id, remember, record }: BrokenWebhook,
): Promise<Deferral | undefined> {
  const deferral = allowance.deferral();
  if (deferral) return deferral;
  try {
    const counted = allowance.counting(target);
    const written =
      id === undefined ? await createWebhook(context, counted) : await repairWebhook(context, counted, id);
    // Remember first: once the record says that the webhook is written, no invocation comes back to it.
    if (!('failure' in written)) await remember(knownAfterWrite(written, context));
    await record(written);
    return undefined;
  } catch (error) {
    return deferralOf(error);
  }
}
