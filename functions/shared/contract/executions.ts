import type { ItemBankId, JobExecutionId } from './ids.ts';
import type { BatchStatus, ExitCode, Failure, Outcome, Trigger } from './job-execution.ts';
import type { Forecast, RequestCounts } from './requests.ts';
import type { WebhookState } from './webhooks.ts';

/** Numbers of item bank ids by outcome. */
export type OutcomeCounts = Record<Outcome, number>;

/**
 * One run in the history: an element of `GET /executions`. Times are ISO 8601. Values that are not known are `null`.
 */
export interface ExecutionSummary {
  jobExecutionId: JobExecutionId;
  name: string;
  status: BatchStatus;
  exitCode: ExitCode | null;
  exitMessage: string | null;
  trigger: Trigger;
  /** The subject of the token, the ARN of the rule, or the ARN of the execution. */
  startedBy: string;
  dryRun: boolean;
  /** The share of the mirror that this run may remove, if its caller chose one. */
  removalLimitPercent: number | null;
  createTime: string;
  startTime: string | null;
  endTime: string | null;
  /** From `startTime` to `endTime`, or until now. */
  durationSeconds: number | null;
  /** The number of item bank ids in the listing. */
  total: number | null;
  /** `null` until the run has reached its end. `GET /executions/{jobExecutionId}` has them for every run. */
  outcomes: OutcomeCounts | null;
  /** The run that this one restarted. */
  restartOf: JobExecutionId | null;
  /** The run that restarted this one. */
  restartedBy: JobExecutionId | null;
  /** Who requested that the run be stopped or abandoned. */
  stoppedBy: string | null;
  executionArn: string;
  /** The execution in the Step Functions console. */
  consoleUrl: string;
}

/** Answer of `GET /executions`. */
export interface FindExecutionsAnswer {
  /** The newest first. */
  executions: ExecutionSummary[];
  /**
   * Runs on this page whose record this release cannot read, because a later release wrote it, or because somebody
   * changed it. They are not in `executions`. Filters do not apply to them.
   */
  unreadable?: JobExecutionId[];
  /** The `cursor` of the next page; absent on the last one. A page before it may be empty. */
  next?: string;
}

/** Something that requests to GitHub are waiting for. */
export interface ExecutionWait {
  /** For people: `the hourly quota of GitHub for REST requests`. */
  waitsFor: string;
  until: string;
}

/**
 * How far a run has got. If a run ended early, all of this is `null` once the outcomes of its ids are no longer kept.
 * `total` is also `null` until the bank is listed.
 */
export interface ExecutionProgress {
  total: number | null;
  /**
   * How many of `total` have an outcome, including `deferred`. Removed items do not count, because they are not in the
   * listing.
   */
  done: number | null;
  outcomes: OutcomeCounts | null;
  /**
   * Repositories by the state of their project webhook; or the one webhook for all of them. Until the run has reached
   * its end, the states of repositories are those before anything was created or repaired.
   */
  webhooks: Record<WebhookState, number> | null;
  requiringProjectWebhook: number | null;
  changedWithoutDelivery: number | null;
  itemsWithFieldIssues: number | null;
  /** Requests to GitHub. Also `null` for runs of early releases, which did not count them. */
  requests: RequestCounts | null;
}

/** Answer of `GET /executions/{jobExecutionId}`: a run with its progress. */
export interface ExecutionDetail extends ExecutionSummary, ExecutionProgress {
  waits: ExecutionWait[];
  forecast: Forecast | null;
  /** When the run is expected to end; `null` if it has ended, or if there is no estimate. */
  estimatedEnd: string | null;
  /** Until when the outcomes of single ids are kept. */
  itemsKeptUntil: string;
}

/** What a run did to one item bank id: an element of `GET /executions/{jobExecutionId}/items`. */
export interface ExecutionItem extends Partial<Failure> {
  itemBankId: ItemBankId;
  repository: string;
  outcome: Outcome;
  /**
   * Of an item that failed or was deferred: since when runs have failed at it or deferred it, one after another. Absent
   * if the mirror does not say so, for example because a later run has succeeded.
   */
  since?: string;
  /** The state of the project webhook before and after the run. */
  webhookFound: WebhookState;
  webhookLeft: WebhookState;
  /** Why the webhook could not be checked, created or repaired. */
  webhookFailure?: Failure;
}

/**
 * Answer of `GET /executions/{jobExecutionId}/items`. Ids that were unchanged and whose webhook is in order are left
 * out.
 */
export interface FindExecutionItemsAnswer {
  items: ExecutionItem[];
  /** Ids on this page whose row this release cannot read. They are not in `items`. */
  unreadable?: ItemBankId[];
  /** Until when the outcomes are kept. After that, the route answers 410 instead of an empty list. */
  itemsKeptUntil: string;
  /** The `cursor` of the next page; absent on the last one. A page before it may be empty. */
  next?: string;
}

/** Answer of `POST /executions/{jobExecutionId}/stop` (202) and `PUT /executions/{jobExecutionId}/abandon` (200). */
export interface ControlAnswer {
  jobExecutionId: JobExecutionId;
  status: BatchStatus;
  message: string;
  /** Who requested it first. */
  stoppedBy: string;
}
