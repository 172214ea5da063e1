import type { Deferral, WebhookScope, WorkflowEvent } from '../../contract.ts';
import type { Table } from '../../dynamodb.ts';
import { requireListing } from '../../executions/listing.ts';
import { assertHoldsLock } from '../../executions/lock.ts';
import { type OpenWebhook, openWebhooks, recordWebhook } from '../../executions/webhooks.ts';
import { hooksOfRepository } from '../../item-bank/hook-places.ts';
import {
  createWebhook,
  knownFrom,
  repairWebhook,
  type WebhookRequest,
  type Written,
} from '../../item-bank/webhooks.ts';
import { noteWebhook } from '../../items/bookkeeping.ts';
import type { Invocation } from '../../runtime/entry-point.ts';
import type { ConnectToGitHub, GitHubAccess } from '../../runtime/github-access.ts';
import { type Pause, pauseFor } from '../../synchronization/pause.ts';
import type { RunOptions } from '../../vocabulary.ts';
import { onAccount } from './accounting.ts';
import { deferredUntil, done, outOfTime, resumesWithin } from './deferral.ts';
import { settleOrganizationWebhook } from './settle-organization-webhook.ts';
import * as story from './story.ts';
import { openAllowance, type WriteAllowance } from './write-allowance.ts';

/** What the step has at hand. `table` holds the records of executions, `items` the mirror. */
export type CreateWebhooksDependencies = Invocation &
  Omit<WebhookRequest, keyof GitHubAccess> & {
    table: Table;
    items: Table;
    connect: ConnectToGitHub;
    webhookScope: WebhookScope;
  };

/**
 * Creates the webhooks that were found missing and repairs those that were found different, one after another: GitHub
 * asks for serial writes. With a webhook of the organization that one is all there is to do.
 */
export function createMissingWebhooks(
  dependencies: CreateWebhooksDependencies,
  event: WorkflowEvent,
): Promise<Deferral> {
  return onAccount(dependencies, event, (metered) => writeUntilPause(metered, event));
}

async function writeUntilPause(
  dependencies: CreateWebhooksDependencies,
  event: WorkflowEvent,
): Promise<Deferral> {
  const { table, log } = dependencies;
  const options = await assertHoldsLock(table, event.executionArn);
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
  const { batches } = await requireListing(dependencies.table, event.jobExecutionId);
  for (const { batch } of batches) {
    const open = await openWebhooks(dependencies.table, event.jobExecutionId, batch);
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
  const place = counting(hooksOfRepository(request, repository.name));
  return webhookId === undefined ? createWebhook(request, place) : repairWebhook(request, place, webhookId);
}

/** The note comes first: where the record says that it is done, nobody comes back to make it. */
async function keep(
  { table, items, log, request }: CreateWebhooksDependencies & { request: WebhookRequest },
  { repository, webhookId, jobExecutionId }: OpenWebhook & Pick<WorkflowEvent, 'jobExecutionId'>,
  written: Written,
): Promise<void> {
  const { itemBankId } = repository;
  const left = { itemBankId, webhookLeft: written.left };
  if ('trouble' in written) {
    const { trouble } = written;
    await recordWebhook(table, jobExecutionId, { ...left, webhookTrouble: trouble });
    story.webhookNotWritten(log, repository, {
      wanted: webhookId === undefined ? 'create' : 'repair',
      trouble,
    });
    return;
  }
  await noteWebhook(items, itemBankId, knownFrom(written, request));
  await recordWebhook(table, jobExecutionId, left);
  story.webhookWritten(log, repository, written.left);
}
