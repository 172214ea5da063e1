import { expect, it } from 'vitest';
import { MINUTE_MS } from '../support/clock.ts';
import { allRows, useDynamoDb } from '../support/dynamodb.ts';
import { mendAll, showsWhatAFreshMirrorShows } from './fresh-mirror.ts';
import { play } from './history.ts';
import { assertHolds, PROPERTY_TIMEOUT_MS } from './holds.ts';
import { type Installation, withInstallation } from './installation.ts';
import { histories, type LastChange } from './operations.ts';
import { memberAt } from './organization.ts';
import { perform } from './people.ts';
import { beginRunOf, synchronizeItem, WITHOUT_LIMIT } from './synchronizations.ts';
import { takeTurns } from './turns.ts';

const newTable = useDynamoDb();

it(
  'after any history, a full run without failures leaves what a fresh mirror would show',
  () =>
    assertHolds(histories, ({ bank, operations, last }) =>
      withInstallation(newTable, bank, async (installation) => {
        await play(installation, operations);
        await mendAll(installation);
        if (!(await runsWithoutFailures(installation, last))) {
          await mendAll(installation);
          const run = await beginRunOf(installation, WITHOUT_LIMIT);
          expect(await run.all()).toMatchObject({ exitCode: 'COMPLETED' });
        }
        await showsWhatAFreshMirrorShows(installation);
        await leavesNothingToDo(installation);
      }),
    ),
  PROPERTY_TIMEOUT_MS,
);

/** Starts a full run after the last change, while a synchronization that began before that change is still working. */
async function runsWithoutFailures(
  installation: Installation,
  { change, turns }: LastChange,
): Promise<boolean> {
  const { organization } = installation;
  const repository = memberAt(organization.repositories, change.repository);
  let exitCode: string | undefined;
  const changeAndRun = async (): Promise<void> => {
    await perform(organization, change);
    const run = await beginRunOf(installation, WITHOUT_LIMIT);
    exitCode = (await run.all()).exitCode;
  };
  const synchronizeIt = async (): Promise<void> => {
    if (repository) await synchronizeItem(installation, repository.id);
  };
  await takeTurns([changeAndRun, synchronizeIt], turns);
  return exitCode === 'COMPLETED';
}

const UNFINISHED = ['unpublished', 'failure', 'deferredAt', 'incomplete', 'removal'];

/** The next run writes nothing to the mirror, and has nothing to report. */
async function leavesNothingToDo(installation: Installation): Promise<void> {
  const { itemsTable } = installation.tables;
  const before = await allRows(itemsTable);
  expect(before.filter((row) => UNFINISHED.some((name) => name in row))).toEqual([]);
  installation.clock.advance(MINUTE_MS);
  const run = await beginRunOf(installation, WITHOUT_LIMIT);
  await run.all();
  expect(await run.items()).toEqual([]);
  expect(await allRows(itemsTable)).toEqual(before);
}
