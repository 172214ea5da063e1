import { requireListing } from '../executions/listing.ts';
import { assertHoldsLock } from '../executions/lock.ts';
import type { ConnectToGitHub, GitHubAccess } from '../github/connect.ts';
import { recordWebhook as recordWebhookInMirror } from '../mirror/bookkeeping.ts';
import type { WebhookScope } from '../shared/contract/environment.ts';
import type { RunOptions } from '../shared/contract/job-execution.ts';
import type { DeferrableResult, WorkflowEvent } from '../shared/contract/workflow.ts';
import type { Table } from '../shared/dynamodb.ts';
import type { Invocation } from '../shared/middleware.ts';
import { entryPoint } from '../shared/middleware.ts';
import { onAccount } from '../synchronization/accounting.ts';
import { deferredUntil, done, outOfTime, resumesWithin } from '../synchronization/deferral.ts';
import { type Pause, pauseFor } from '../synchronization/pause.ts';
import * as story from '../synchronization/run-log.ts';
import { hooksOfRepository } from '../webhooks/hook-places.ts';
import { type OpenWebhook, openWebhooks, recordWebhook } from '../webhooks/open-webhooks.ts';
import { settleOrganizationWebhook } from '../webhooks/settle-organization-webhook.ts';
import {
  createWebhook,
  knownFrom,
  repairWebhook,
  type WebhookRequest,
  type Written,
} from '../webhooks/webhooks.ts';
import { openAllowance, type WriteAllowance } from '../webhooks/write-allowance.ts';
import { webhookDependencies } from './dependencies.ts';

/** What the step has at hand. `table` holds the records of executions, `items` the mirror. */
export type CreateWebhooksDependencies = Invocation &
  Omit<WebhookRequest, keyof GitHubAccess> & {
    executionsTable: Table;
    itemsTable: Table;
    connect: ConnectToGitHub;
    webhookScope: WebhookScope;
  };

/**
 * Creates the webhooks that were found missing and repairs those that were found different, one after another: GitHub
 * asks for serial writes. With a webhook of the organization that one is all there is to do.
 */
export function createWebhooks(
  dependencies: CreateWebhooksDependencies,
  event: WorkflowEvent,
): Promise<DeferrableResult> {
  return onAccount(dependencies, event, (metered) => writeUntilPause(metered, event));
}

async function writeUntilPause(
  dependencies: CreateWebhooksDependencies,
  event: WorkflowEvent,
): Promise<DeferrableResult> {
  const { executionsTable, log } = dependencies;
  const options = await assertHoldsLock(executionsTable, event.executionArn);
  const pause = await workOf(dependencies, event, options);
  if (!pause) return done(dependencies);
  story.waiting(log, pause.resumeAt.toISOString(), pause.why);
  // Beyond the deadline the others stay as they were found, and are counted so.
  return resumesWithin(event.deadline, pause) ? deferredUntil(pause) : done(dependencies);
}

async function workOf(
  dependencies: CreateWebhooksDependencies,
  event: WorkflowEvent,
  { dryRun }: RunOptions,
): Promise<Pause | undefined> {
  if (dependencies.webhookScope === 'organization') {
    return settleOrganizationWebhook(dependencies, { ...event, dryRun });
  }
  if (dryRun) return undefined;
  const { batches } = await requireListing(dependencies.executionsTable, event.jobExecutionId);
  for (const { batch } of batches) {
    const open = await openWebhooks(dependencies.executionsTable, event.jobExecutionId, batch);
    const pause = await writeAll(dependencies, event, open);
    if (pause) return pause;
  }
  return undefined;
}

async function writeAll(
  dependencies: CreateWebhooksDependencies,
  { jobExecutionId, deadline }: WorkflowEvent,
  open: readonly OpenWebhook[],
): Promise<Pause | undefined> {
  if (open.length === 0) return undefined;
  const request = { ...dependencies, ...(await dependencies.connect()) };
  const allowance = await openAllowance(dependencies, request.github.limits);
  for (const webhook of open) {
    const pause = outOfTime(dependencies, deadline) ?? allowance.pause();
    if (pause) return pause;
    try {
      const written = await write(request, allowance, webhook);
      await keep({ ...dependencies, request }, { ...webhook, jobExecutionId }, written);
    } catch (error) {
      return pauseFor(error);
    }
  }
  return undefined;
}

function write(
  request: WebhookRequest,
  { counting }: WriteAllowance,
  { repository, webhookId }: OpenWebhook,
): Promise<Written> {
  const place = counting(hooksOfRepository(request, repository.repositoryName));
  return webhookId === undefined ? createWebhook(request, place) : repairWebhook(request, place, webhookId);
}

/** The note comes first: where the record says that it is done, nobody comes back to make it. */
async function keep(
  { executionsTable, itemsTable, log, request }: CreateWebhooksDependencies & { request: WebhookRequest },
  { repository, webhookId, jobExecutionId }: OpenWebhook & Pick<WorkflowEvent, 'jobExecutionId'>,
  written: Written,
): Promise<void> {
  const { itemBankId } = repository;
  const left = { itemBankId, webhookLeft: written.left };
  if ('trouble' in written) {
    const { trouble } = written;
    await recordWebhook(executionsTable, jobExecutionId, { ...left, webhookFailure: trouble });
    story.webhookNotWritten(log, repository, {
      wanted: webhookId === undefined ? 'create' : 'repair',
      trouble,
    });
    return;
  }
  await recordWebhookInMirror(itemsTable, itemBankId, knownFrom(written, request));
  await recordWebhook(executionsTable, jobExecutionId, left);
  story.webhookWritten(log, repository, written.left);
}

export const handler = entryPoint(webhookDependencies, (dependencies, event: WorkflowEvent) =>
  createWebhooks(dependencies, event),
);
