import type { ItemBankId, JobExecutionId } from './ids.ts';
import type { BatchStatus, ExitCode } from './job-execution.ts';

/** States of the state machine, as the Step Functions console shows them. */
export const STATES = {
  beginExecution: 'BeginExecution',
  listItemBankIds: 'ListItemBankIds',
  listingDeferred: 'ListingDeferred?',
  waitToList: 'WaitForGitHubToList',
  synchronizeItemBankIds: 'SynchronizeItemBankIds',
  synchronizeBatch: 'SynchronizeBatch',
  batchDeferred: 'BatchDeferred?',
  waitToSynchronize: 'WaitForGitHubToSynchronize',
  batchDone: 'BatchDone',
  failBatch: 'FailBatch',
  batchFailed: 'BatchFailed',
  batchEndsRun: 'BatchEndsRun',
  createWebhooks: 'CreateWebhooks',
  webhooksDeferred: 'WebhooksDeferred?',
  waitToCreateWebhooks: 'WaitForGitHubToCreateWebhooks',
  removeDeletedItems: 'RemoveDeletedItems',
  removalDeferred: 'RemovalDeferred?',
  waitToRemove: 'WaitForGitHubToRemove',
  completeExecution: 'CompleteExecution',
  failExecution: 'FailExecution',
  executionFailed: 'ExecutionFailed',
  alreadyRunning: 'AlreadyRunning',
} as const;

/** Input of an execution that was registered before it was started. */
export interface ExecutionInput {
  jobExecutionId: JobExecutionId;
}

/** Only the ARN is trusted, because Step Functions fills it in. The execution's input is not passed on. */
export interface BeginExecutionEvent {
  executionArn: string;
}

export interface BeginExecutionResult {
  jobExecutionId: JobExecutionId;
  /** ISO 8601. Work that is not done by then is left to the next run. */
  deadline: string;
}

/** Event of the function behind each working state. */
export interface WorkflowEvent {
  executionArn: string;
  jobExecutionId: JobExecutionId;
  /** ISO 8601. */
  deadline: string;
  /** How often the state machine has retried this state; absent in executions that an earlier release started. */
  retryCount?: number;
}

/** How the state machine retries after `PASSING_ERRORS`: after one, two and four minutes. GitHub's outages are deferred. */
export const PASSING_RETRY = { intervalSeconds: 60, backoffRate: 2, maxAttempts: 3 };

/** Result of a function whose work can be deferred. */
export interface DeferrableResult {
  /** Whether the state machine should wait until `resumeAt` and call the function again. */
  deferred: boolean;
  /** ISO 8601. */
  resumeAt: string;
}

/** Up to 100 item bank ids that one invocation handles. */
export interface Batch {
  batch: number;
  count: number;
  firstItemBankId: ItemBankId;
  lastItemBankId: ItemBankId;
}

export interface ListItemBankIdsResult extends DeferrableResult {
  batches: Batch[];
  /** How many batches are handled at a time. */
  workers: number;
}

export interface SynchronizeBatchEvent extends WorkflowEvent {
  batch: number;
  workers: number;
}

export interface SynchronizeBatchResult extends DeferrableResult {
  processed: number;
  requiringProjectWebhook: number;
  failedItemBankIds: ItemBankId[];
}

/** Event of the function that records a batch that failed for good. */
export interface FailBatchEvent {
  executionArn: string;
  jobExecutionId: JobExecutionId;
  batch: number;
  error: { Error: string; Cause?: string };
}

export interface FailExecutionEvent {
  executionArn: string;
  error: { Error: string; Cause: string };
}

/** Step Functions passes a Lambda failure on as JSON with a stack trace. @returns its message, or `cause` as it is. */
export function messageOfCause(cause: string): string {
  try {
    const failure: unknown = JSON.parse(cause);
    const isFailure = typeof failure === 'object' && failure !== null && 'errorMessage' in failure;
    return isFailure ? String(failure.errorMessage) : cause;
  } catch {
    return cause;
  }
}

/** Output of the state machine. */
export interface ExecutionResult {
  jobExecutionId: JobExecutionId;
  status: BatchStatus;
  exitCode: ExitCode;
  exitMessage: string;
}
