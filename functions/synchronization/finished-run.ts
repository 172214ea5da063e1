import type { JobExecution } from '../executions/job-execution.ts';
import { runCounts } from '../executions/run-progress.ts';
import type { FinishedRun } from '../shared/contract/events.ts';
import { SyncError } from '../shared/errors.ts';

/**
 * A run that has ended, as the event and the notification describe it.
 * @throws SyncError `RowMissing` if the record has not ended.
 */
export function finishedRun(execution: JobExecution): FinishedRun {
  const { jobExecutionId, status, exitCode, exitMessage, trigger, options } = execution;
  if (!exitCode || exitMessage === undefined)
    throw new SyncError('RowMissing', `the record of job execution ${jobExecutionId} has no exit code`);
  const { startTime, endTime, counts, requests } = execution;
  return {
    jobExecutionId,
    status,
    exitCode,
    exitMessage,
    trigger,
    dryRun: options.dryRun,
    ...(options.restartOf !== undefined && { restartOf: options.restartOf }),
    ...(startTime !== undefined && { startTime }),
    ...(endTime !== undefined && { endTime }),
    ...(startTime !== undefined &&
      endTime !== undefined && { durationSeconds: secondsFrom(startTime, endTime) }),
    ...(counts && { counts: runCounts(counts) }),
    ...(requests && { requests }),
  };
}

/** Whole seconds between two times, ISO 8601. Not negative, because the clocks of the two functions may differ. */
const secondsFrom = (start: string, end: string): number =>
  Math.max(0, Math.round((Date.parse(end) - Date.parse(start)) / 1_000));
