import type { BatchDependencies } from '../executions/batch.ts';
import { requireListing } from '../executions/listing.ts';
import { assertHoldsLock } from '../executions/lock.ts';
import { createTable } from '../shared/clients.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import { type FailBatchEvent, messageOfCause } from '../shared/contract/workflow.ts';
import type { Table } from '../shared/dynamodb.ts';
import { entryPoint, type Invocation } from '../shared/middleware.ts';
import { recordFailedBatch } from '../synchronization/failed-batch.ts';

/**
 * Records a batch that failed after all retries, so that the log of the run names the error, and each item bank id has an
 * outcome. The run goes on without the batch.
 * @throws SyncError `ExecutionSuperseded`, `RowMissing`.
 */
export async function failBatch(
  dependencies: Invocation & BatchDependencies & { itemsTable: Table },
  { executionArn, jobExecutionId: id, batch, error }: FailBatchEvent,
): Promise<void> {
  const { executionsTable } = dependencies;
  const { options } = await assertHoldsLock(executionsTable, executionArn);
  const { batches } = await requireListing(executionsTable, id);
  const cause = error.Cause === undefined ? 'no cause' : messageOfCause(error.Cause);
  const failed = {
    id,
    batch,
    batches: batches.length,
    error: `${error.Error}: ${cause}`,
    dryRun: options.dryRun,
  };
  await recordFailedBatch(dependencies, failed);
}

export const handler = entryPoint((env: Environment) => {
  const { jobExecutionsTable, itemsTable } = readConfig(env, ['jobExecutionsTable', 'itemsTable']);
  return { executionsTable: createTable(jobExecutionsTable), itemsTable: createTable(itemsTable) };
}, failBatch);
