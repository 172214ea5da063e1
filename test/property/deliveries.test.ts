import { it } from 'vitest';
import { readBankMemory } from '../../functions/executions/bank-memory.ts';
import { useDynamoDb } from '../support/dynamodb.ts';
import { mendAll, showsWhatAFreshMirrorShows } from './fresh-mirror.ts';
import { play } from './history.ts';
import { assertHolds, PROPERTY_TIMEOUT_MS } from './holds.ts';
import { type Installation, withInstallation } from './installation.ts';
import { histories } from './operations.ts';
import { beginRunOf, handleDeliveries, WITHOUT_LIMIT } from './synchronizations.ts';

const newTable = useDynamoDb();

it(
  'after any history, deliveries about all repositories leave what a fresh mirror would show',
  () =>
    assertHolds(histories, ({ bank, operations }) =>
      withInstallation(newTable, bank, async (installation) => {
        // A run that has listed the bank, without which no delivery removes anything.
        await (await beginRunOf(installation, WITHOUT_LIMIT)).all();
        await play(installation, operations);
        await mendAll(installation);
        await deliverAll(installation);
        await removeWhatDeliveriesLeft(installation);
        await showsWhatAFreshMirrorShows(installation);
      }),
    ),
  PROPERTY_TIMEOUT_MS,
);

/** Delivers, in one batch, a push to each repository, and the end of those that are gone. */
async function deliverAll(installation: Installation): Promise<void> {
  const { ids, repositories } = installation.organization;
  const existing = new Set(repositories.map(({ id }) => id));
  const ends = ids
    .filter((id) => !existing.has(id))
    .flatMap((id) => [
      { id, event: 'deleted' },
      { id, event: 'transferred' },
    ]);
  await handleDeliveries(installation, [...repositories.map(({ id }) => ({ id, event: 'push' })), ...ends]);
}

/** Deliveries remove nothing from a bank that was last listed as empty: any item is more than their share of it. */
async function removeWhatDeliveriesLeft(installation: Installation): Promise<void> {
  const { repositories } = await readBankMemory(installation.tables.executionsTable);
  if (repositories === 0) await (await beginRunOf(installation, WITHOUT_LIMIT)).all();
}
