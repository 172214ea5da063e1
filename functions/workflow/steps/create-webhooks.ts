import type { Deferral, WorkflowEvent } from '../../contract.ts';
import type { Table } from '../../dynamodb.ts';
import { requireListing } from '../../executions/listing.ts';
import { assertHoldsLock } from '../../executions/lock.ts';
import { missingWebhooks, recordWebhook } from '../../executions/progress.ts';
import { createWebhook, type WebhookRequest } from '../../item-bank/webhooks.ts';
import type { Invocation } from '../../runtime/entry-point.ts';
import type { ConnectToGitHub } from '../../runtime/github-access.ts';
import { type Pause, pauseFor } from '../../synchronization/pause.ts';
import type { ListedRepository } from '../../vocabulary.ts';
import { deferredUntil, done, outOfTime, resumesWithin } from './deferral.ts';
import { story } from './story.ts';

export type CreateWebhooksDependencies = Invocation &
  Omit<WebhookRequest, 'github'> & { table: Table; connect: ConnectToGitHub };

/** Creates the webhooks that were found missing, one after another: GitHub asks for serial writes. */
export async function createMissingWebhooks(
  dependencies: CreateWebhooksDependencies,
  event: WorkflowEvent,
): Promise<Deferral> {
  const { table, log } = dependencies;
  const { dryRun } = await assertHoldsLock(table, event.executionArn);
  if (dryRun) return done(dependencies);
  const { batches } = await requireListing(table, event.jobExecutionId);
  for (const { batch } of batches) {
    const missing = await missingWebhooks(table, event.jobExecutionId, batch);
    const pause = await createAll(dependencies, event, missing);
    if (!pause) continue;
    story.waiting(log, pause.resumeAt.toISOString(), pause.why);
    // Beyond the deadline the missing ones stay missing, and are counted so.
    return resumesWithin(event.deadline, pause) ? deferredUntil(pause) : done(dependencies);
  }
  return done(dependencies);
}

async function createAll(
  dependencies: CreateWebhooksDependencies,
  { jobExecutionId, deadline }: WorkflowEvent,
  missing: readonly ListedRepository[],
): Promise<Pause | undefined> {
  if (missing.length === 0) return undefined;
  const { table, log, connect } = dependencies;
  const request = { ...dependencies, ...(await connect()) };
  for (const repository of missing) {
    const pause = outOfTime(dependencies, deadline);
    if (pause) return pause;
    try {
      const created = await createWebhook(request, repository);
      await recordWebhook(table, jobExecutionId, { itemBankId: repository.itemBankId, ...created });
      if (created.webhookLeft === 'created') story.webhookCreated(log, repository);
      else story.webhookNotCreated(log, repository, created.webhookTrouble.message);
    } catch (error) {
      return pauseFor(error);
    }
  }
  return undefined;
}
