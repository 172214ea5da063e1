import { expect, it } from 'vitest';
import { ROUTES } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun } from '../../support/run.ts';
import { graphqlFailure } from '../github/support.ts';
import { createItem, HISTORIES, itemText, outcomesOf, startEmptyBank } from '../synchronization/support.ts';

const newTable = useDynamoDb();

it('a query that gets no answer when a batch is out of time is left to the next invocation', async () => {
  const bank = await startEmptyBank();
  for (const id of ['1', '2']) await createItem(bank, `item-${id}`, itemText(id));
  // Time runs out once both webhooks were asked for.
  let looks = 0;
  const remainingTimeMs = () => {
    looks += bank.requests(ROUTES.listHooks);
    return looks >= 2 ? 60_000 : 900_000;
  };
  const run = await beginRun({ newTable, bank, overrides: { remainingTimeMs } });
  await run.list();
  bank.requests(ROUTES.graphql);
  bank.site.fail(graphqlFailure({ status: 502, body: '' }, { bodyIncludes: HISTORIES }));
  expect(await run.batch(0)).toMatchObject({ deferred: true, processed: 0 });
  // That for the heads, and the one.
  expect(bank.requests(ROUTES.graphql)).toBe(2);

  looks = 0;
  expect(await run.batch(0)).toMatchObject({ deferred: false, processed: 2 });
  expect(await outcomesOf(run)).toEqual({ 'item-1': 'created', 'item-2': 'created' });
});
