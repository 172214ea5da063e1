import { requireListing } from '../executions/listing.ts';
import type { ConnectToGitHub } from '../github/connect.ts';
import { recordWebhook } from '../mirror/bookkeeping.ts';
import type { WorkflowEvent } from '../shared/contract/workflow.ts';
import type { Deferral } from '../shared/deferral.ts';
import type { Table } from '../shared/dynamodb.ts';
import type { Invocation } from '../shared/middleware.ts';
import { webhookContext } from './check-webhook.ts';
import { reconcile } from './reconcile.ts';
import * as webhookLog from './webhook-log.ts';
import { type OpenWebhook, readOpenWebhooks, recordLeftWebhook } from './webhook-rows.ts';
import { repositoryWebhooks } from './webhook-target.ts';
import { openWriteAllowance } from './write-allowance.ts';

export interface ReconcileDependencies extends Invocation {
  executionsTable: Table;
  itemsTable: Table;
  connect: ConnectToGitHub;
  organization: string;
  projectWebhookUrl: string;
  /** Asked before each write. */
  stop: () => Deferral | undefined;
  /** Whether a stop was requested. Called before the webhooks of each batch. */
  isStopRequested: () => Promise<boolean>;
}

/**
 * Creates and repairs the webhooks of repositories that a run found missing or different, one after another, because
 * GitHub asks for serial writes.
 * https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
 * @returns why some are still to be written.
 */
export async function reconcileRepositoryWebhooks(
  dependencies: ReconcileDependencies,
  { jobExecutionId }: Pick<WorkflowEvent, 'jobExecutionId'>,
): Promise<Deferral | undefined> {
  const { executionsTable } = dependencies;
  const { batches } = await requireListing(executionsTable, jobExecutionId);
  for (const { batch } of batches) {
    const open = await readOpenWebhooks(executionsTable, jobExecutionId, batch);
    const deferral = await reconcileAll(dependencies, { jobExecutionId, open });
    if (deferral) return deferral;
  }
  return undefined;
}

async function reconcileAll(
  dependencies: ReconcileDependencies,
  { jobExecutionId, open }: Pick<WorkflowEvent, 'jobExecutionId'> & { open: readonly OpenWebhook[] },
): Promise<Deferral | undefined> {
  if (open.length === 0) return undefined;
  const { executionsTable, itemsTable, log, now, stop } = dependencies;
  if (await dependencies.isStopRequested()) {
    return { kind: 'out-of-time', resumeAt: now(), message: 'the run is being stopped' };
  }
  const context = webhookContext(await dependencies.connect(), dependencies);
  const allowance = await openWriteAllowance(dependencies, context.github.limits);
  for (const { repository, webhookId } of open) {
    const { itemBankId, repositoryName } = repository;
    const deferral =
      stop() ??
      (await reconcile(context, allowance, {
        target: repositoryWebhooks(context, repositoryName),
        id: webhookId,
        remember: (webhook) => recordWebhook(itemsTable, itemBankId, webhook),
        record: async (written) => {
          const { left } = written;
          if ('failure' in written) {
            const { failure } = written;
            await recordLeftWebhook(executionsTable, jobExecutionId, { itemBankId, left, failure });
            const attempt = webhookId === undefined ? 'create' : 'repair';
            webhookLog.webhookNotWritten(log, repository, { attempt, failure });
          } else {
            await recordLeftWebhook(executionsTable, jobExecutionId, { itemBankId, left });
            webhookLog.webhookWritten(log, repository, written.left);
          }
        },
      }));
    if (deferral) return deferral;
  }
  return undefined;
}
