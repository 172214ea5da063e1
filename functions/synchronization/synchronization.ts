import type { ItemResult } from '../executions/item-result.ts';
import type { HeadReading } from '../github/heads.ts';
import type { Mirror } from '../mirror/mirror.ts';
import type { MirrorRow } from '../mirror/mirror-rows.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { Failure, FieldIssue, Outcome } from '../shared/contract/job-execution.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { MissedDelivery } from '../shared/contract/webhooks.ts';
import type { Deferral } from '../shared/deferral.ts';
import type { WebhookContext } from '../webhooks/check-webhook.ts';
import type { RepositoryCheck, Selection } from '../webhooks/check-webhooks.ts';
import { type DeliveryKnowledge, judgeAfterCheck } from '../webhooks/missed-delivery.ts';
import type { Rotation } from '../webhooks/rotation.ts';
import type { ChangedItem } from './load-changed-items.ts';
import type { NewItemId } from './same-item-id.ts';

export interface SynchronizationContext {
  /** Of GitHub, and of the project webhook. */
  github: WebhookContext;
  mirror: Mirror;
  /** How many repositories have a REST request in flight at a time. */
  concurrency: number;
  /** Which webhooks are checked: all, none, certain ones, or those chosen by rotation. */
  webhookChecks: Selection | Rotation;
  /**
   * The listing is so old that another repository may have a name in it: use only names that GitHub has just reported.
   */
  namesAreOld?: boolean;
  /** Absent if changes are not expected to be announced, as in a synchronization that a delivery caused. */
  deliveries?: DeliveryKnowledge;
  /** Asked before anything new begins. */
  stop: () => Deferral | undefined;
}

/** The rows of the items, as they were before their heads were read. */
export type Rows = ReadonlyMap<ItemBankId, MirrorRow>;

/** A repository, its row in the mirror, and its head in the bank. */
export interface Candidate {
  repository: ListedRepository;
  row: MirrorRow | undefined;
  head: HeadReading;
  /** When the head was requested. */
  readAt: Date;
  /** Set if the row does not show the head. */
  changed: ChangedItem | undefined;
}

/** What the synchronization did to one item. */
export type ItemOutcome =
  | {
      outcome: Extract<Outcome, 'created' | 'updated' | 'derived' | 'unchanged'>;
      revisions?: number;
      fieldIssues?: FieldIssue[];
    }
  | { outcome: 'failed' | 'deferred'; failure: Failure };

/** The outcome of an item that changed during every attempt. */
export const CONFLICT = {
  outcome: 'failed',
  failure: { reason: 'CONFLICT', message: 'other writers, or new commits, kept changing the item' },
} as const satisfies ItemOutcome;

/** How far the synchronization of a list of repositories is. */
export interface Progress {
  /** Chosen once: what is remembered of the first checks must not change the choice. */
  selection: Selection | undefined;
  checks: Map<ItemBankId, RepositoryCheck>;
  /** Only while the webhook secret is being replaced: whether the webhook of each repository has the new one. */
  currentSecrets: Map<ItemBankId, boolean>;
  /** Changes that no delivery may have announced. */
  judgments: ReadonlyMap<ItemBankId, MissedDelivery>;
  results: Map<ItemBankId, ItemResult>;
  /** The commits that GitHub showed at the heads of items, as they were read last. */
  heads: Map<ItemBankId, string>;
  /** Repositories under the names that GitHub has said in this invocation: those of the listing may be old. */
  named: Map<ItemBankId, ListedRepository>;
  /** Items that were written. Their results count only if their heads, read again, are still the same. */
  written: Candidate[];
  /** Item ids that were written. */
  newItemIds: NewItemId[];
  deferral: Deferral | undefined;
}

/** Records the outcome of an item and of its webhook check. */
export function record(
  { github }: SynchronizationContext,
  { checks, judgments, currentSecrets, results }: Progress,
  { repository, outcome }: { repository: ListedRepository; outcome: ItemOutcome },
): void {
  const { itemBankId, repositoryName } = repository;
  const now = github.now().getTime();
  const check = checks.get(itemBankId);
  const { found = 'unchecked', id, differs, others, failure: webhookFailure, startedAt = now } = check ?? {};
  const { failure, ...rest } = { failure: undefined, ...outcome };
  const hasSecret = currentSecrets.get(itemBankId);
  const judgment = judgments.get(itemBankId);
  const delivery = judgment && judgeAfterCheck(judgment, check ?? { found });
  results.set(itemBankId, {
    itemBankId,
    repositoryName,
    webhookFound: found,
    ...(id !== undefined && { webhookId: id }),
    ...(differs && { webhookDiffers: differs }),
    ...(others && { otherWebhooks: others }),
    ...(webhookFailure && { webhookFailure }),
    ...(hasSecret !== undefined && { hasCurrentSecret: hasSecret }),
    ...(delivery && { delivery }),
    ...rest,
    ...failure,
    durationMs: now - startedAt,
  });
}
