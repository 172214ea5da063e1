import type { ItemBankId, JobExecutionId } from './ids.ts';
import type { BatchStatus, ExitCode, Failure, Outcome, Trigger } from './job-execution.ts';
import type { Forecast, RequestCounts } from './requests.ts';
import type { WebhookState } from './webhooks.ts';

/** Numbers of item bank ids by outcome. */
export type OutcomeCounts = Record<Outcome, number>;

/** One run in the history: an element of `GET /executions`. Times are ISO 8601; `null` means "not known, or not yet". */
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
  /** Item bank ids that the listing found. */
  total: number | null;
  /** Only of a run that has reached its end; `GET /executions/{jobExecutionId}` has them of any run. */
  outcomes: OutcomeCounts | null;
  /** The run whose failed, deferred and unprocessed ids this one does again. */
  restartOf: JobExecutionId | null;
  /** The run that restarted this one. */
  restartedBy: JobExecutionId | null;
  /** Who asked for the run to be stopped or abandoned. */
  stoppedBy: string | null;
  executionArn: string;
  /** The execution in the Step Functions console. */
  consoleUrl: string;
}

/** Answer of `GET /executions`. */
export interface FindExecutionsAnswer {
  /** The newest first. */
  executions: ExecutionSummary[];
  /** The `cursor` of the next page; absent on the last one. */
  next?: string;
}

/** Something that the requests to GitHub wait for. */
export interface ExecutionWait {
  /** `GitHub's quota`, `a limit of GitHub`, `an outage of GitHub`. */
  waitsFor: string;
  until: string;
}

/** Answer of `GET /executions/{jobExecutionId}`: a run with its progress. */
export interface ExecutionDetail extends Omit<ExecutionSummary, 'outcomes'> {
  /** Item bank ids that have an outcome, deferred ones included. */
  done: number;
  outcomes: OutcomeCounts;
  /** Repositories by the state of their project webhook; or the one webhook for all of them. */
  webhooks: Record<WebhookState, number>;
  requiringProjectWebhook: number;
  changedWithoutDelivery: number;
  itemsWithFieldIssues: number;
  waits: ExecutionWait[];
  forecast: Forecast | null;
  requests: RequestCounts;
  /** When the run is expected to end; `null` if it has ended, or if that cannot be told yet. */
  estimatedEnd: string | null;
  /** Until when the outcomes of single ids are kept. */
  itemsKeptUntil: string;
}

/** What a run did to one item bank id: an element of `GET /executions/{jobExecutionId}/items`. */
export interface ExecutionItem extends Partial<Failure> {
  itemBankId: ItemBankId;
  repository: string;
  outcome: Outcome;
  /** The state in which the run found the project webhook, and the one in which it left it. */
  webhookFound: WebhookState;
  webhookLeft: WebhookState;
  /** Why the webhook could not be checked, created or repaired. */
  webhookFailure?: Failure;
}

/** Answer of `GET /executions/{jobExecutionId}/items`. Ids that were unchanged and whose webhook is in order are left out. */
export interface FindExecutionItemsAnswer {
  items: ExecutionItem[];
  next?: string;
}

/** Answer of `POST /executions/{jobExecutionId}/stop` (202) and `PUT /executions/{jobExecutionId}/abandon` (200). */
export interface ControlAnswer {
  jobExecutionId: JobExecutionId;
  status: BatchStatus;
  message: string;
  /** Who asked first. */
  stoppedBy: string;
}
