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
} as const;

/** What starts an execution of the state machine that was registered beforehand. */
export interface ExecutionInput {
  jobExecutionId: JobExecutionId;
}

/** What BeginExecution gets: the one thing that is trusted is the ARN, which Step Functions fills in. */
export interface BeginExecutionEvent {
  executionArn: string;
}

export interface BeginExecutionResult {
  jobExecutionId: JobExecutionId;
  /** ISO 8601. What is not done by then is left to the next run. */
  deadline: string;
}

/** What every working state's function gets. */
export interface WorkflowEvent {
  executionArn: string;
  jobExecutionId: JobExecutionId;
  deadline: string;
}

/** Whether the function left work behind, and when the state machine is to call it again (ISO 8601). */
export interface DeferrableResult {
  deferred: boolean;
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
  /** How many batches are worked on at a time. */
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

export interface FailExecutionEvent {
  executionArn: string;
  error: { Error: string; Cause: string };
}

/** The state machine's output. */
export interface ExecutionResult {
  jobExecutionId: JobExecutionId;
  status: BatchStatus;
  exitCode: ExitCode;
  exitMessage: string;
}
