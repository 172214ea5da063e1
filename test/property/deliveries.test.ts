import { it } from 'vitest';
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
