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
  /**
   * Whether a stop was requested, which takes a request to DynamoDB. Throws if the run has lost its lock, for example
   * because it was abandoned.
   */
  isStopRequested: () => Promise<boolean>;
}

// How long a run continues to write webhooks after it was stopped or abandoned.
const LOOK_FOR_STOP = { everyMs: 1_000, everyWrites: 10 };

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
  const { executionsTable, itemsTable, log, stop } = dependencies;
  const stopRequest = watchForStop(dependencies);
  const stopped = await stopRequest();
  if (stopped) return stopped;
  const context = webhookContext(await dependencies.connect(), dependencies);
  const allowance = await openWriteAllowance(dependencies, context.github.limits);
  for (const { repository, webhookId } of open) {
    const { itemBankId, repositoryName } = repository;
    const deferral =
      stop() ??
      (await stopRequest()) ??
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

/** @returns a function to call before each write, which now and then finds out whether a stop was requested. */
function watchForStop({ now, isStopRequested }: Pick<ReconcileDependencies, 'now' | 'isStopRequested'>) {
  const { everyMs, everyWrites } = LOOK_FOR_STOP;
  let lookedAt: number | undefined;
  let calls = 0;
  return async (): Promise<Deferral | undefined> => {
    calls += 1;
    const isRecent = lookedAt !== undefined && now().getTime() < lookedAt + everyMs;
    if (isRecent && calls <= everyWrites) return undefined;
    calls = 0;
    lookedAt = now().getTime();
    if (!(await isStopRequested())) return undefined;
    return { kind: 'out-of-time', resumeAt: now(), message: 'the run is being stopped' };
  };
}
