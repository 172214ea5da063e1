import type { ItemResult } from '../executions/item-result.ts';
import type { JobExecution } from '../executions/job-execution.ts';
import type { Lock } from '../executions/lock.ts';
import type { ItemBankId, JobExecutionId } from '../shared/contract/ids.ts';
import type { FieldIssue, Reason, RunOptions } from '../shared/contract/job-execution.ts';
import { JOB_NAME, STEP_NAME } from '../shared/contract/names.ts';
import type { NamedRepository } from '../shared/contract/repositories.ts';
import type { Deferral } from '../shared/deferral.ts';
import type { Log } from '../shared/logger.ts';
import { otherWebhooksSentence } from '../webhooks/webhook-log.ts';

/**
 * The log of a run. The lines of the job, of its step and of the listing have the exact wording of the service that
 * this one replaces, because operators search for them and reports count them. docs/operations.md lists all lines.
 */

const JOB = `Job: [name=${JOB_NAME}]`;
const PROCESS = 'Item Synchronization Process';

/** As Spring Batch writes them: `{}` for none, `{dryRun=true, removalLimitPercent=60}`. */
function parameters({ dryRun, removalLimitPercent, restartOf }: RunOptions): string {
  const given = [
    ...(dryRun ? ['dryRun=true'] : []),
    ...(removalLimitPercent === undefined ? [] : [`removalLimitPercent=${removalLimitPercent}`]),
    ...(restartOf === undefined ? [] : [`restartOf=${restartOf}`]),
  ];
  return `{${given.join(', ')}}`;
}

export function launched(log: Log, { jobExecutionId, options }: JobExecution): void {
  log.info(`${JOB} launched with the following parameters: [${parameters(options)}]`);
  log.info(`${PROCESS} starting.  Job execution id: ${jobExecutionId}`);
  log.info(`Executing step: [${STEP_NAME}]`);
}

export function continued(log: Log, id: JobExecutionId): void {
  log.info(`${PROCESS} continuing.  Job execution id: ${id}`);
}

export function tookOver(log: Log, { jobExecutionId, executionArn }: Lock): void {
  const line = `took over the lock of job execution ${jobExecutionId}, whose execution is no longer running`;
  log.warn(line, { executionArn });
}

export function completed(log: Log, execution: JobExecution): void {
  const { jobExecutionId, exitCode, exitMessage, status, options } = execution;
  log.info(
    `${PROCESS} complete.  Job execution id: ${jobExecutionId}, exit status code: ${exitCode}, exit message: ${exitMessage}`,
  );
  log.info(
    `${JOB} completed with the following parameters: [${parameters(options)}] and the following status: [${status}]`,
  );
}

/** Where a run gets its item bank ids from. */
const origin = ({ restartOf }: RunOptions): string =>
  restartOf === undefined ? 'source control' : `job execution ${restartOf}`;

export const listing = (log: Log, options: RunOptions): void =>
  log.info(`getting item bank ids from ${origin(options)}`);

export function listed(
  log: Log,
  total: number,
  { seconds, options }: { seconds: number; options: RunOptions },
): void {
  log.info(`retrieved ${total} item bank ids from ${origin(options)} in ${seconds} seconds`);
}

export function alreadyListed(log: Log, total: number, options: RunOptions): void {
  log.info(`already retrieved ${total} item bank ids from ${origin(options)}`);
}

export const nothingToRemove = (log: Log, restartOf: JobExecutionId): void =>
  log.info(`removing nothing, because this is a restart of job execution ${restartOf}`);

export function itemSynchronized(log: Log, result: ItemResult): void {
  const { itemBankId, repositoryName, outcome, webhookFound, webhookFailure } = result;
  const line = `item bank id ${itemBankId} (${repositoryName}): ${outcome}, webhook ${webhookFound}`;
  const isReported = outcome === 'failed' || outcome === 'deferred';
  const failure = isReported ? result : webhookFailure;
  const reported = failure ? `${line}, ${failure.reason}: ${failure.message}` : line;
  const remarks = remarksOn(result);
  const message = [reported, ...remarks].join('. ');
  if (failure || remarks.length > 0) log.warn(message, { item: result });
  else log.debug(message, { item: result });
}

/** Further warnings about an item. Each is a sentence without a full stop. */
export function remarksOn({
  outcome,
  delivery,
  otherWebhooks,
  fieldIssues,
  sameItemId,
}: ItemResult): string[] {
  // The issues of an unchanged item were reported when it was written.
  const isWritten = outcome === 'created' || outcome === 'updated' || outcome === 'derived';
  return [
    ...(delivery === 'missed' ? ['No delivery of GitHub announced this change'] : []),
    ...(otherWebhooks ? [otherWebhooksSentence(otherWebhooks)] : []),
    ...(isWritten && fieldIssues ? [fieldIssuesSentence(fieldIssues)] : []),
    ...(sameItemId ? [sameItemIdSentence(sameItemId)] : []),
  ];
}

function sameItemIdSentence(others: readonly NamedRepository[]): string {
  const named = others.map(
    ({ itemBankId, repositoryName }) => `item bank id ${itemBankId} (${repositoryName})`,
  );
  return `The same item id is used by ${named.join(', ')}`;
}

// The item's `fieldIssues` contains all of them.
const MAX_NAMED_ISSUES = 3;

function fieldIssuesSentence(issues: readonly FieldIssue[]): string {
  const named = issues
    .slice(0, MAX_NAMED_ISSUES)
    .map(({ field, received, expected }) => `${field} (expected ${expected}, received ${received})`);
  const others = issues.length - named.length;
  const fields = [...named, ...(others > 0 ? [`and ${others} more`] : [])].join(', ');
  return `Unreadable fields of item.json were left out: ${fields}`;
}

export interface FinishedBatch {
  batch: number;
  batches: number;
  /** Item bank ids of this batch that were processed by this invocation. */
  processed: number;
  /** Item bank ids of the whole run. */
  total: number;
}

export function batchProcessed(log: Log, { batch, batches, ...progress }: FinishedBatch): void {
  const line = `processed batch ${batch + 1} of ${batches}: ${progress.processed} item bank ids`;
  log.info(line, { progress });
}

export interface FailedIds {
  batch: number;
  batches: number;
  error: string;
  itemBankIds: readonly ItemBankId[];
}

export function batchFailed(log: Log, { batch, batches, error, itemBankIds }: FailedIds): void {
  const line = `batch ${batch + 1} of ${batches} failed, ${itemBankIds.length} item bank ids are left to the next run: ${error}`;
  log.error(line, { failedBatch: { batch, error, itemBankIds } });
}

const KINDS: Record<Deferral['kind'], string> = {
  'rate-limited': 'rate limited',
  outage: 'GitHub is down',
  'out-of-time': 'out of time',
  deadline: 'deadline',
};

/** @param work what is deferred, such as `batch 3 of 20: 7 item bank ids`. */
export function deferred(log: Log, { kind, resumeAt, message }: Deferral, work?: string): void {
  const reason = `(${KINDS[kind]}): ${message}`;
  if (kind === 'deadline') log.warn(`${work ?? 'the rest of the work'} left to the next run ${reason}`);
  else if (work) log.warn(`${work} deferred until ${resumeAt.toISOString()} ${reason}`);
  else log.warn(`waiting until ${resumeAt.toISOString()} ${reason}`);
}

/** @param at when the state machine calls the function again. */
export function nextAttempt(
  log: Log,
  failure: string,
  { attempt, attempts, at }: { attempt: number; attempts: number; at: Date },
): void {
  log.warn(`${failure}, attempt ${attempt} of ${attempts} at ${at.toISOString().slice(11, 16)}`);
}

export interface RemovedItem extends Pick<RunOptions, 'dryRun'> {
  itemBankId: ItemBankId;
  repositoryName: string;
  reason: Reason;
}

export function itemRemoved(log: Log, { itemBankId, repositoryName, reason, dryRun }: RemovedItem): void {
  const verb = dryRun ? 'would remove' : 'removed';
  log.info(`${verb} the item of item bank id ${itemBankId} (${repositoryName}): ${reason}`);
}
