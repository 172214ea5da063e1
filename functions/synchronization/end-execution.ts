import { type Ending, type JobExecution, requireExecution } from '../executions/job-execution.ts';
import { finishExecution, readState } from '../executions/lock.ts';
import { createPublisher, type Publish } from '../mirror/publish.ts';
import { createEventBridge, createSns, createTable } from '../shared/clients.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import type { FinishedRun } from '../shared/contract/events.ts';
import type { JobExecutionId } from '../shared/contract/ids.ts';
import type { ExecutionResult } from '../shared/contract/workflow.ts';
import type { Table } from '../shared/dynamodb.ts';
import { errorAttribute } from '../shared/logger.ts';
import { type EmitMetrics, metricsOf } from '../shared/metrics.ts';
import type { Invocation } from '../shared/middleware.ts';
import { finishedRun } from './finished-run.ts';
import { createNotifier, type Notify } from './notification.ts';
import { oldestItemAge } from './oldest-item.ts';
import * as runLog from './run-log.ts';
import { runMetrics } from './run-metrics.ts';
import { emptySummary, hasNews, logRunSummary, type RunSummary, readRunSummary } from './run-summary.ts';

export type EndDependencies = Invocation & {
  executionsTable: Table;
  publish: Publish;
  notify: Notify;
  emitMetrics: EmitMetrics;
  /** Only in functions that can end a full run. */
  itemsTable?: Table;
};

/** Dependencies of the functions that end executions. */
export function endDependencies(env: Environment): Omit<EndDependencies, keyof Invocation> {
  const { jobExecutionsTable, changeEventBus, runTopicArn, stage } = readConfig(env, [
    'jobExecutionsTable',
    'changeEventBus',
    'runTopicArn',
    'stage',
  ]);
  return {
    executionsTable: createTable(jobExecutionsTable),
    publish: createPublisher({ client: createEventBridge(), bus: changeEventBus }),
    notify: createNotifier({ client: createSns(), topicArn: runTopicArn, stage }),
    emitMetrics: metricsOf(stage),
  };
}

/** Ends the record of an execution that cannot do so itself, and releases its lock. Does nothing without the lock. */
export async function closeRecord(
  dependencies: EndDependencies,
  executionArn: string,
  ending: Ending,
): Promise<void> {
  const { log } = dependencies;
  const finished = await finishExecution(dependencies, executionArn, ending);
  if (!finished) return log.info('nothing to close: this execution does not hold the lock');
  await reportEnd(dependencies, finished);
}

/**
 * Reports the end of a run whose lock another one took over: its own execution could not do so. A report that cannot be
 * made is only logged.
 */
export async function reportFormer(dependencies: EndDependencies, id: JobExecutionId): Promise<void> {
  const { executionsTable, log } = dependencies;
  log.appendKeys({ jobExecutionId: id });
  try {
    await reportEnd(dependencies, await requireExecution(executionsTable, id));
  } catch (error) {
    log.warn(`could not report the end of job execution ${id}`, errorAttribute(error));
  }
}

/**
 * Reports how a run ended: in the log, on the event bus, to the topic and as metrics. A repeated invocation reports
 * everything again, because the earlier one may have died before it did. A failed report is only logged: the record
 * already says how the run ended, and failing the state machine would contradict it. A run reports at its beginning the
 * end of the run whose lock it took over. If it never began, that is done here.
 * @throws SyncError `RowMissing` if the record has not ended.
 */
export async function reportEnd(
  dependencies: EndDependencies,
  finished: JobExecution,
): Promise<ExecutionResult> {
  const { log, publish, notify } = dependencies;
  const { startTime, tookOver } = finished;
  if (startTime === undefined && tookOver !== undefined) await reportFormer(dependencies, tookOver);
  const run = finishedRun(finished);
  log.appendKeys({ jobExecutionId: run.jobExecutionId });
  const summary = await summarize(dependencies, finished);
  runLog.completed(log, finished);
  if (!run.dryRun) {
    await publish([{ type: 'SyncCompleted', detail: run }]).catch((error) =>
      log.warn('could not publish SyncCompleted', { error }),
    );
  }
  const isNotificationLost = await notify(run).then(
    () => false,
    (error: unknown) => {
      log.warn('could not send the notification about the run', errorAttribute(error));
      return true;
    },
  );
  if (!run.dryRun) {
    await emit(dependencies, finished, { run, summary, isNotificationLost }).catch((error: unknown) =>
      log.warn('could not write the metrics of the run', errorAttribute(error)),
    );
  }
  const { jobExecutionId, status, exitCode, exitMessage } = run;
  return { jobExecutionId, status, exitCode, exitMessage };
}

// For everything else that is reported, and for the answer of a function of the API. Once the record has ended, no other
// invocation would make up for a report that is lost.
const TIME_TO_REPORT_MS = 10_000;

const timeLimitOf =
  ({ remainingTimeMs }: Pick<Invocation, 'remainingTimeMs'>) =>
  (): boolean =>
    remainingTimeMs() < TIME_TO_REPORT_MS;

async function summarize(
  { executionsTable, log, ...invocation }: EndDependencies,
  { jobExecutionId, options, counts }: JobExecution,
): Promise<RunSummary | undefined> {
  try {
    // A first run has very many rows, and none of them belongs in the summary.
    if (counts && !hasNews(counts)) return emptySummary();
    const summary = await readRunSummary(executionsTable, jobExecutionId, timeLimitOf(invocation));
    logRunSummary(log, summary, options);
    return summary;
  } catch (error) {
    log.warn('could not read what the run did to single items', errorAttribute(error));
    return undefined;
  }
}

interface Report {
  run: FinishedRun;
  summary: RunSummary | undefined;
  isNotificationLost: boolean;
}

async function emit(
  dependencies: EndDependencies,
  finished: JobExecution,
  { run, summary, isNotificationLost }: Report,
): Promise<void> {
  const { executionsTable, emitMetrics } = dependencies;
  const { jobExecutionId, exitCode, trigger } = run;
  const { lastFullRun } = await readState(executionsTable);
  const isFullRun = lastFullRun?.jobExecutionId === jobExecutionId;
  const age = isFullRun && summary ? await ageOf(dependencies, lastFullRun, summary) : undefined;
  emitMetrics(runMetrics(finished, { isFullRun, oldestItemAge: age, isNotificationLost }), {
    fields: { run: String(jobExecutionId), exitCode, trigger },
  });
}

/** @returns undefined if it cannot be found out: the alarm then keeps its state. */
async function ageOf(
  { itemsTable, log, now, ...invocation }: EndDependencies,
  { since }: { since: string },
  { staleIds }: RunSummary,
): Promise<number | undefined> {
  if (!itemsTable) return undefined;
  try {
    return await oldestItemAge({
      itemsTable,
      now: now(),
      since,
      staleIds,
      isTimeOver: timeLimitOf(invocation),
    });
  } catch (error) {
    log.warn('could not read since when items are stale', errorAttribute(error));
    return undefined;
  }
}
