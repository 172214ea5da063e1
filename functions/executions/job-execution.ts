import type { JobExecutionId } from '../shared/contract/ids.ts';
import type { BatchStatus, ExitCode, Outcome, RunOptions } from '../shared/contract/job-execution.ts';
import type { Forecast, RequestCounts } from '../shared/contract/requests.ts';

/** Who asked for the run. */
export type Trigger = 'api' | 'schedule' | 'console';

/** One run of the Item Synchronization Process, as the history keeps it. Times are ISO 8601. */
export interface JobExecution {
  jobExecutionId: JobExecutionId;
  status: BatchStatus;
  trigger: Trigger;
  /** The token's subject, the rule's ARN, or the execution's own ARN. */
  startedBy: string;
  executionArn: string;
  options: RunOptions;
  createTime: string;
  lastUpdated: string;
  startTime?: string;
  endTime?: string;
  exitCode?: ExitCode;
  exitMessage?: string;
  counts?: Counts;
  /** What the run was expected to ask GitHub for, once its bank was listed. */
  forecast?: Forecast;
  /** What a run that reached its end has asked GitHub for. */
  requests?: RequestCounts;
}

/** Item bank ids by what became of them. */
export interface Counts extends Record<Outcome, number> {
  /** Those that the listing brought. */
  total: number;
  requiringProjectWebhook: number;
  /** Missing webhooks that could not be created. */
  webhooksNotCreated: number;
  /** Project webhooks that are there, and were found not to be as they should be. */
  webhooksDiffering: number;
  /** Those of them that could not be repaired. */
  webhooksNotRepaired: number;
  /** Repositories whose webhooks could not be looked at. */
  webhooksNotChecked: number;
}

/** How an execution ends. */
export interface Ending {
  status: Extract<BatchStatus, 'COMPLETED' | 'FAILED' | 'STOPPED'>;
  exitCode: ExitCode;
  exitMessage: string;
  counts?: Counts;
  requests?: RequestCounts;
}

// The width of Spring Batch's EXIT_MESSAGE column, which the users' reports expect.
const EXIT_MESSAGE_LENGTH = 2_500;

export function failedWith(error: string, cause: string): Ending {
  const exitMessage = `${error}: ${cause}`.slice(0, EXIT_MESSAGE_LENGTH);
  return { status: 'FAILED', exitCode: 'FAILED', exitMessage };
}
