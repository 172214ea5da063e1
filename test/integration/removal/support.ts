import { type Bank, ORGANIZATION, ROUTES } from '../../support/bank.ts';
import type { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, type Run, type RunSetup } from '../../support/run.ts';
import { mirrorItems } from '../synchronization/mirrored-bank.ts';

type NewTable = ReturnType<typeof useDynamoDb>;

export const deleteItems = async ({ github }: Bank, ids: readonly number[]): Promise<void> => {
  for (const id of ids) await github.rest.repos.delete({ owner: ORGANIZATION, repo: `item-${id}` });
};

/** A run before its removal step. The mirror holds `items` items, and the repositories of those in `deleted` are gone. */
export async function runBeforeRemoval(
  newTable: NewTable,
  { items, deleted }: { items: number; deleted: readonly number[] },
  setup: Partial<RunSetup> = {},
): Promise<{ bank: Bank; run: Run }> {
  const { bank, run: mirroring } = await mirrorItems(newTable, items);
  const { dependencies, clock } = mirroring;
  await deleteItems(bank, deleted);
  const run = await beginRun({ newTable, bank, tables: dependencies, clock, ...setup });
  await run.list();
  await run.batches();
  await run.createWebhooks();
  bank.requests(ROUTES.repositoryById);
  return { bank, run };
}

export const candidate = (id: number, outcome: Parameters<Bank['site']['fail']>[0]['outcome']) => ({
  method: 'GET',
  pathPrefix: `/repositories/${id}`,
  outcome,
});
