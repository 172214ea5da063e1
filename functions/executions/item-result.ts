import type { ItemBankId } from '../shared/contract/ids.ts';
import type { Failure, Outcome } from '../shared/contract/job-execution.ts';
import type { WebhookSetting, WebhookState } from '../shared/contract/webhooks.ts';

/** What one run did to one item bank id. Times are milliseconds. */
export interface ItemResult extends Partial<Failure> {
  itemBankId: ItemBankId;
  repositoryName: string;
  outcome: Outcome;
  webhookFound: WebhookState;
  /** GitHub's id of the project webhook, if one was found. */
  webhookId?: number;
  webhookDiffers?: WebhookSetting[];
  /** Ids of further webhooks that point to this service. */
  otherWebhooks?: number[];
  /** Why the webhook could not be checked, created or repaired. */
  webhookFailure?: Failure;
  /** How many revisions the run added to the mirror. */
  revisions?: number;
  durationMs: number;
}
