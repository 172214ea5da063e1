import { expect, it } from 'vitest';
import { type Bank, ROUTES } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { beginRun } from '../../support/run.ts';
import { commitAll, createEmpty } from '../github/support.ts';
import {
  createItem,
  freshMirrorOf,
  itemText,
  mirrored,
  outcomesOf,
  startEmptyBank,
  withStatus,
} from './support.ts';

const newTable = useDynamoDb();

/** Versions of an item, each with a workflow status and a text of its own. */
const versions = (count: number): string[] =>
  Array.from({ length: count }, (_, index) =>
    itemText('1', { ...withStatus(`Status ${Math.floor(index / 10)}`), version: `iat-${index}` }),
  );

const INVOCATION_MS = 900_000;

/** The time of an invocation in which each GraphQL query takes a minute. */
function slowGitHub({ site }: Bank) {
  const queries = () => site.traffic.requests.get(ROUTES.graphql) ?? 0;
  let before = queries();
  return {
    remainingTimeMs: () => INVOCATION_MS - (queries() - before) * 60_000,
    beginInvocation: () => {
      before = queries();
    },
  };
}

it('a long history ends no invocation too late, does not delay its neighbours, and is continued', async () => {
  const bank = await startEmptyBank();
  const long = await createEmpty(bank, 'item-1');
  const texts = versions(520);
  await commitAll(bank, long, texts);
  for (const id of ['2', '3']) await createItem(bank, `item-${id}`, itemText(id));
  const time = slowGitHub(bank);
  const run = await beginRun({ newTable, bank, overrides: { remainingTimeMs: time.remainingTimeMs } });
  await run.list();

  const processed: number[] = [];
  let isDeferred = true;
  while (isDeferred && processed.length < 10) {
    time.beginInvocation();
    const result = await run.batch(0);
    expect(time.remainingTimeMs()).toBeGreaterThan(0);
    processed.push(result.processed);
    isDeferred = result.deferred;
  }
  expect(processed[0]).toBe(2);
  expect(processed.at(-1)).toBe(3);
  expect(await outcomesOf(run)).toEqual({ 'item-1': 'created', 'item-2': 'created', 'item-3': 'created' });
  expect((await mirrored(run, long)).revisions).toHaveLength(520);
  expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
});
