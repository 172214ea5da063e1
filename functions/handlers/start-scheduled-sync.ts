import type { ScheduledEvent } from 'aws-lambda';
import { SCHEDULE_SKIPPED } from '../shared/contract/log-line.ts';
import { isSyncError } from '../shared/errors.ts';
import { entryPoint } from '../shared/middleware.ts';
import * as runLog from '../synchronization/run-log.ts';
import { type StarterDependencies, starterDependencies, startRun } from '../synchronization/start-run.ts';

/** Of EventBridge's event. `time` is ISO 8601, and the same in each delivery of a scheduled minute. */
export type ScheduledDelivery = Pick<ScheduledEvent, 'time' | 'resources'>;

/**
 * Starts the run of a scheduled minute, once. A dry run in progress is stopped. If another run is in progress, the start
 * is skipped and counted.
 * @throws ExecutionDoesNotExist if a dry run is just being started. Lambda then invokes the function again.
 */
export async function startScheduledSync(
  dependencies: StarterDependencies,
  { time, resources }: ScheduledDelivery,
): Promise<void> {
  const { log } = dependencies;
  const slot = new Date(time).toISOString().slice(0, '2026-11-23T09:00'.length);
  try {
    const start = await startRun(dependencies, {
      trigger: 'schedule',
      startedBy: resources[0] ?? 'EventBridge',
      options: { dryRun: false },
      slot,
    });
    log.appendKeys({ jobExecutionId: start.execution.jobExecutionId });
    if (start.kind === 'started-before') {
      log.info(`the schedule of ${slot} was delivered again; its run was already started`);
      return;
    }
    if (start.tookOver) runLog.tookOver(log, start.tookOver);
    log.info(`started by the schedule of ${slot}`);
  } catch (error) {
    if (!isSyncError(error, 'JobExecutionAlreadyRunning')) throw error;
    log.warn(`scheduled start of ${slot} skipped: ${error.message}`, { event: SCHEDULE_SKIPPED });
  }
}

export const handler = entryPoint(starterDependencies, startScheduledSync);
