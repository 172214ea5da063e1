import type { OutcomeCounts } from './executions.ts';
import type { ItemBankId, JobExecutionId } from './ids.ts';
import type { Reason, Trigger } from './job-execution.ts';
import type { RequestCounts } from './requests.ts';
import type { WebhookState } from './webhooks.ts';
import type { ExecutionResult } from './workflow.ts';

/** `source` of every event on the change event bus. */
export const CHANGE_EVENT_SOURCE = 'item-sync';

/**
 * Why an item of the mirror changed: a run or a caller's request synchronized it, a delivery of GitHub reported a
 * change, or a new release derives other fields from the same state of the bank.
 */
export const CHANGE_CAUSES = ['run', 'delivery', 'request', 'release'] as const;
export type ChangeCause = (typeof CHANGE_CAUSES)[number];
/** What made the service synchronize an item. */
export type ChangeTrigger = Exclude<ChangeCause, 'release'>;

/**
 * Detail of the events about an item that was created, updated or removed. Events are delivered at least once.
 * `version` grows with each change until the item is removed.
 */
export interface ItemChange {
  itemBankId: ItemBankId;
  repositoryName: string;
  /** `id` of item.json; absent if the repository never had a valid item.json. */
  itemId?: string;
  type?: string;
  version: number;
  /** Absent if an earlier release made the change. */
  cause?: ChangeCause;
  /** Of ItemCreated and ItemUpdated: the commit that the mirror shows now. */
  headCommit?: string;
  /** Of ItemRemoved. */
  reason?: Reason;
}

/** What a run did, in numbers of item bank ids. Only runs that reached their end have it. */
export interface RunCounts {
  total: number;
  outcomes: OutcomeCounts;
  /** Repositories by the state in which the run left their project webhook; or the one webhook for all of them. */
  webhooks: Record<WebhookState, number>;
  requiringProjectWebhook: number;
  changedWithoutDelivery: number;
  itemsWithFieldIssues: number;
}

/**
 * A run that has ended, with any status: the detail of SyncCompleted, and the body of the notification. Unknown values
 * are absent: a run that failed before its end has no counts.
 */
export interface FinishedRun extends ExecutionResult {
  trigger: Trigger;
  dryRun: boolean;
  /** The run that this one restarted. All counts are about what that run left. */
  restartOf?: JobExecutionId;
  /** ISO 8601; absent if the run ended before it began. */
  startTime?: string;
  endTime?: string;
  durationSeconds?: number;
  counts?: RunCounts;
  requests?: RequestCounts;
}

/** Detail of each event by its `detail-type`. */
interface ChangeEvents {
  ItemCreated: ItemChange;
  ItemUpdated: ItemChange;
  ItemRemoved: ItemChange;
  /** A run ended, with any status. Dry runs publish nothing. */
  SyncCompleted: FinishedRun;
}
export type ChangeEvent = {
  [Type in keyof ChangeEvents]: { type: Type; detail: ChangeEvents[Type] };
}[keyof ChangeEvents];
