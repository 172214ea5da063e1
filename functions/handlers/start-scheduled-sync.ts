import type { ScheduledEvent } from 'aws-lambda';
import { type StartDependencies, startExecution } from '../executions/start.ts';
import { isSyncError } from '../shared/errors.ts';
import type { Invocation } from '../shared/middleware.ts';
import { entryPoint } from '../shared/middleware.ts';
import * as story from '../synchronization/run-log.ts';
import { startDependencies } from './dependencies.ts';

/** What EventBridge says of a scheduled delivery. `time` is ISO 8601, the same however often it is delivered. */
export interface ScheduledDelivery {
  time: string;
  resources: string[];
}

/** Starts the run of a scheduled minute, once. A rule that meets a running run has done its duty. */
export async function startScheduledSync(
  dependencies: Invocation & StartDependencies,
  { time, resources }: ScheduledDelivery,
): Promise<void> {
  const { log } = dependencies;
  const slot = new Date(time).toISOString().slice(0, '2026-11-23T09:00'.length);
  try {
    const start = await startExecution(dependencies, {
      trigger: 'schedule',
      startedBy: resources[0] ?? 'EventBridge',
      options: { dryRun: false },
      slot,
    });
    log.appendKeys({ jobExecutionId: start.execution.jobExecutionId });
    if (start.kind === 'started-before') return story.slotTaken(log, slot);
    if (start.tookOver) story.tookOver(log, start.tookOver);
    story.scheduled(log, slot);
  } catch (error) {
    if (!isSyncError(error, 'JobExecutionAlreadyRunning')) throw error;
    story.scheduleSkipped(log, slot, error.message);
  }
}

export const handler = entryPoint(startDependencies, (dependencies, event: ScheduledEvent) =>
  startScheduledSync(dependencies, event),
);
