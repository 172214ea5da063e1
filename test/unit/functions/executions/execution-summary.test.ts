import { expect, it } from 'vitest';
import { summaryOf } from '../../../../functions/executions/execution-summary.ts';
import type { JobExecution } from '../../../../functions/executions/job-execution.ts';
import { jobExecutionId } from '../../../../functions/shared/contract/ids.ts';

const NOW = new Date('2026-11-23T09:10:00.000Z');
const RUN: JobExecution = {
  jobExecutionId: jobExecutionId(15),
  status: 'STARTED',
  trigger: 'api',
  startedBy: 'alice',
  executionArn: 'arn:aws:states:us-east-1:000000000000:execution:item-sync-prod:sync-15-token',
  options: { dryRun: false },
  createTime: '2026-11-23T09:00:00.000Z',
  lastUpdated: '2026-11-23T09:00:00.000Z',
  startTime: '2026-11-23T09:00:02.000Z',
};

it.each([
  ['aws', 'us-east-1', 'us-east-1.console.aws.amazon.com'],
  ['aws-us-gov', 'us-gov-west-1', 'us-gov-west-1.console.amazonaws-us-gov.com'],
  ['aws-cn', 'cn-north-1', 'cn-north-1.console.amazonaws.cn'],
])('links the console of the partition %s', (partition, region, host) => {
  const executionArn = `arn:${partition}:states:${region}:000000000000:execution:item-sync-prod:sync-15-token`;
  expect(summaryOf({ ...RUN, executionArn }, NOW).consoleUrl).toBe(
    `https://${host}/states/home?region=${region}#/v2/executions/details/${executionArn}`,
  );
});

it.each<[what: string, run: Partial<JobExecution>, seconds: number | null]>([
  ['until now while it is working', {}, 598],
  ['until now while it is stopping', { status: 'STOPPING' }, 598],
  ['until its end', { status: 'COMPLETED', endTime: '2026-11-23T09:02:03.400Z' }, 121],
  ['0 if the clock of its last function is slow', { endTime: '2026-11-23T09:00:01.000Z' }, 0],
  ['null if it ended at an unknown time', { status: 'FAILED' }, null],
])('has the duration %s', (_, run, seconds) => {
  expect(summaryOf({ ...RUN, ...run }, NOW).durationSeconds).toBe(seconds);
});

it('has no duration before the run has begun', () => {
  const { startTime: _, ...registered } = RUN;
  expect(summaryOf(registered, NOW).durationSeconds).toBeNull();
});
