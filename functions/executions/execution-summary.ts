import type { ExecutionSummary, OutcomeCounts } from '../shared/contract/executions.ts';
import { hasEnded } from '../shared/contract/job-execution.ts';
import { JOB_NAME } from '../shared/contract/names.ts';
import type { JobExecution } from './job-execution.ts';
import { outcomesBy } from './progress.ts';

/** The record of a run, as the API returns it. */
export function summaryOf(execution: JobExecution, now: Date): ExecutionSummary {
  const { options, counts, executionArn } = execution;
  return {
    jobExecutionId: execution.jobExecutionId,
    name: JOB_NAME,
    status: execution.status,
    exitCode: execution.exitCode ?? null,
    exitMessage: execution.exitMessage ?? null,
    trigger: execution.trigger,
    startedBy: execution.startedBy,
    dryRun: options.dryRun,
    removalLimitPercent: options.removalLimitPercent ?? null,
    createTime: execution.createTime,
    startTime: execution.startTime ?? null,
    endTime: execution.endTime ?? null,
    durationSeconds: durationOf(execution, now),
    total: counts?.total ?? null,
    outcomes: counts ? outcomesIn(counts) : null,
    restartOf: options.restartOf ?? null,
    restartedBy: execution.restartedBy ?? null,
    stoppedBy: execution.stoppedBy ?? null,
    executionArn,
    consoleUrl: consoleUrlOf(executionArn),
  };
}

/** Only the outcomes of all counts. */
export const outcomesIn = (counts: OutcomeCounts): OutcomeCounts => outcomesBy((outcome) => counts[outcome]);

function durationOf({ startTime, endTime, status }: JobExecution, now: Date): number | null {
  if (startTime === undefined) return null;
  if (endTime === undefined && hasEnded({ status })) return null;
  const end = endTime === undefined ? now.getTime() : Date.parse(endTime);
  // The clocks of two functions may differ a little.
  return Math.max(0, Math.round((end - Date.parse(startTime)) / 1_000));
}

const CONSOLE_DOMAINS: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

/** The page of an execution in the Step Functions console. */
function consoleUrlOf(executionArn: string): string {
  const [, partition = 'aws', , region = ''] = executionArn.split(':');
  const host = `${region}.${CONSOLE_DOMAINS[partition] ?? CONSOLE_DOMAINS['aws']}`;
  return `https://${host}/states/home?region=${region}#/v2/executions/details/${executionArn}`;
}
