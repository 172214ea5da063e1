import { expect, it } from 'vitest';
import { ROUTES } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun } from '../../support/run.ts';
import { graphqlFailure } from '../github/support.ts';
import { createItem, HISTORIES, itemText, outcomesOf, startEmptyBank } from '../synchronization/support.ts';

const newTable = useDynamoDb();

it('a query that fails when its batch is out of time is left to the next invocation', async () => {
  const bank = await startEmptyBank();
  for (const id of ['1', '2']) await createItem(bank, `item-${id}`, itemText(id));
  // Time runs out once both webhooks have been checked.
  let webhookChecks = 0;
  const remainingTimeMs = () => {
    webhookChecks += bank.requests(ROUTES.listHooks);
    return webhookChecks >= 2 ? 60_000 : 900_000;
  };
  const run = await beginRun({ newTable, bank, overrides: { remainingTimeMs } });
  await run.list();
  bank.requests(ROUTES.graphql);
  bank.site.fail(graphqlFailure({ status: 502, body: '' }, { bodyIncludes: HISTORIES }));
  expect(await run.batch(0)).toMatchObject({ deferred: true, processed: 0 });
  // One query for the heads, and one for the histories, which is not retried.
  expect(bank.requests(ROUTES.graphql)).toBe(2);

  webhookChecks = 0;
  expect(await run.batch(0)).toMatchObject({ deferred: false, processed: 2 });
  expect(await outcomesOf(run)).toEqual({ 'item-1': 'created', 'item-2': 'created' });
});
