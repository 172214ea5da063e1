import type { ItemResult } from '../executions/item-result.ts';
import type { JobExecution } from '../executions/job-execution.ts';
import type { Lock } from '../executions/lock.ts';
import type { JobExecutionId } from '../shared/contract/ids.ts';
import type { Failure, Reason, RunOptions } from '../shared/contract/job-execution.ts';
import { SCHEDULE_SKIPPED } from '../shared/contract/log-line.ts';
import { JOB_NAME, STEP_NAME } from '../shared/contract/names.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { Forecast } from '../shared/contract/requests.ts';
import type { OrganizationWebhook } from '../shared/contract/webhooks.ts';
import type { Log } from '../shared/logger.ts';
import { forecastSentence, requestsSentence } from './request-sentences.ts';

/**
 * The log of a run. The wording of the job's, the step's and the listing's lines is that of the service that this
 * one replaces: operators search for it and their reports count it.
 */

interface BatchDone {
  batch: number;
  batches: number;
  /** Of this batch, in this invocation. */
  processed: number;
  /** Of the whole run. */
  total: number;
}

interface Removed extends Pick<RunOptions, 'dryRun'> {
  reason: Reason;
}

interface NotWritten {
  wanted: 'create' | 'repair';
  trouble: Failure;
}

const JOB = `Job: [name=${JOB_NAME}]`;
const PROCESS = 'Item Synchronization Process';

/** As Spring Batch writes them: `{}` for none, `{dryRun=true, removalLimitPercent=60}`. */
function parameters({ dryRun, removalLimitPercent }: RunOptions): string {
  const given = [
    ...(dryRun ? ['dryRun=true'] : []),
    ...(removalLimitPercent === undefined ? [] : [`removalLimitPercent=${removalLimitPercent}`]),
  ];
  return `{${given.join(', ')}}`;
}

/** Each of them reports the same pushes. */
const furtherWebhooks = (ids: readonly number[]): string =>
  `Further webhooks lead here, and are left as they are: ${ids.join(', ')}`;

export const scheduled = (log: Log, slot: string): void => log.info(`started by the schedule of ${slot}`);
export const slotTaken = (log: Log, slot: string): void =>
  log.info(`the schedule of ${slot} was delivered again: it has its run`);
export const scheduleSkipped = (log: Log, slot: string, why: string): void =>
  log.warn(`the schedule of ${slot} starts nothing: ${why}`, { event: SCHEDULE_SKIPPED });

export const launched = (log: Log, { jobExecutionId, options }: JobExecution): void => {
  log.info(`${JOB} launched with the following parameters: [${parameters(options)}]`);
  log.info(`${PROCESS} starting.  Job execution id: ${jobExecutionId}`);
  log.info(`Executing step: [${STEP_NAME}]`);
};
export const continued = (log: Log, id: JobExecutionId): void =>
  log.info(`${PROCESS} continuing.  Job execution id: ${id}`);
export const tookOver = (log: Log, { jobExecutionId, executionArn }: Lock): void =>
  log.warn(`took the lock over from job execution ${jobExecutionId}, whose execution no longer runs`, {
    executionArn,
  });

export const listing = (log: Log): void => log.info('getting item bank ids from source control');
export const listed = (log: Log, total: number, seconds: number): void =>
  log.info(`retrieved ${total} item bank ids from source control in ${seconds} seconds`);
export const forecast = (log: Log, forecast: Forecast, ahead: { queries: number }): void =>
  log.info(forecastSentence(forecast, ahead), { forecast });
export const listedBefore = (log: Log, total: number): void =>
  log.info(`${total} item bank ids were retrieved from source control before`);
export const listingIncomplete = (log: Log, found: number, announced: number): void =>
  log.warn(`the listing is incomplete: found ${found} of ${announced} repositories`);

export const settled = (log: Log, result: ItemResult): void => {
  const {
    itemBankId,
    repositoryName: repository,
    outcome,
    webhookFound,
    webhookFailure,
    otherWebhooks,
  } = result;
  const line = `item bank id ${itemBankId} (${repository}): ${outcome}, webhook ${webhookFound}`;
  if (outcome === 'failed') log.warn(`${line}, ${result.reason}: ${result.message}`, { item: result });
  else if (webhookFailure)
    log.warn(`${line}, ${webhookFailure.reason}: ${webhookFailure.message}`, { item: result });
  else if (otherWebhooks) log.warn(`${line}. ${furtherWebhooks(otherWebhooks)}`, { item: result });
  else log.debug(line, { item: result });
};
export const batchDone = (log: Log, { batch, batches, ...progress }: BatchDone): void =>
  log.info(`processed batch ${batch + 1} of ${batches}: ${progress.processed} item bank ids`, { progress });
export const batchPaused = (log: Log, left: number, resumeAt: string): void =>
  log.info(`${left} item bank ids of this batch go on at ${resumeAt}`);

export const webhookWritten = (
  log: Log,
  { itemBankId, repositoryName: name }: ListedRepository,
  how: 'created' | 'repaired',
): void => log.info(`${how} the project webhook of item bank id ${itemBankId} (${name})`);
export const webhookNotWritten = (
  log: Log,
  { itemBankId, repositoryName: name }: ListedRepository,
  { wanted, trouble }: NotWritten,
): void =>
  log.warn(
    `could not ${wanted} the project webhook of item bank id ${itemBankId} (${name}): ${trouble.message}`,
    { trouble },
  );
export const organizationWebhook = (log: Log, organization: string, webhook: OrganizationWebhook): void => {
  const { left, failure: trouble } = webhook;
  const line = `the webhook of the organization ${organization}: ${left}`;
  if (trouble) log.warn(`${line}, ${trouble.reason}: ${trouble.message}`, { webhook });
  else if (webhook.others) log.warn(`${line}. ${furtherWebhooks(webhook.others)}`, { webhook });
  else log.info(line, { webhook });
};

export const candidates = (log: Log, candidates: number, mirrored: number): void =>
  log.info(`${candidates} of ${mirrored} items of the mirror were not listed`);
export const removed = (
  log: Log,
  { itemBankId, repositoryName: name }: ListedRepository,
  { reason, dryRun }: Removed,
): void =>
  log.info(
    `${dryRun ? 'would remove' : 'removed'} the item of item bank id ${itemBankId} (${name}): ${reason}`,
  );
export const removalStopped = (log: Log, removable: number, mirrored: number): void =>
  log.warn(`removed nothing: ${removable} of ${mirrored} items are more than a run may remove`);

export const waiting = (log: Log, resumeAt: string, why: string): void =>
  log.warn(`waiting until ${resumeAt}: ${why}`);

export const requests = (log: Log, execution: JobExecution): void =>
  log.info(requestsSentence(execution), { requests: execution.requests });
export const complete = (
  log: Log,
  { jobExecutionId, exitCode, exitMessage, status, options }: JobExecution,
): void => {
  log.info(
    `${PROCESS} complete.  Job execution id: ${jobExecutionId}, exit status code: ${exitCode}, exit message: ${exitMessage}`,
  );
  log.info(
    `${JOB} completed with the following parameters: [${parameters(options)}] and the following status: [${status}]`,
  );
};
export const notActive = (log: Log): void =>
  log.info('this execution does not hold the lock: there is nothing to close');
