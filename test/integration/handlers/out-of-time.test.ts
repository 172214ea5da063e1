import { expect, it } from 'vitest';
import { ROUTES } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, newTables } from '../../support/run.ts';
import { commitAll, createEmpty, graphqlFailure } from '../github/support.ts';
import { createItem, HISTORIES, itemText, outcomesOf, startEmptyBank } from '../synchronization/support.ts';
import { openItemsApi } from './support.ts';

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

it('POST /sync/{itemBankId} continues a long history where the last call ran out of time', async () => {
  const bank = await startEmptyBank();
  const repository = await createEmpty(bank, 'item-1');
  const texts = Array.from({ length: 120 }, (_, index) => itemText('1', { version: `iat-${index}` }));
  await commitAll(bank, repository, texts);
  // Four queries of five seconds leave too little time for another one.
  let queries = 0;
  const remainingTimeMs = () => {
    queries += bank.requests(ROUTES.graphql);
    return 28_000 - queries * 5_000;
  };
  const api = openItemsApi(bank, await newTables(newTable), { remainingTimeMs });
  const codes: unknown[] = [];
  // Each call reads the head, two pages of the history, and 50 or 100 versions.
  while (codes.length < 4 && codes.at(-1) !== 'created') {
    bank.requests(ROUTES.graphql);
    queries = 0;
    const { body } = await api.sync(repository.itemBankId);
    codes.push(body['code'] ?? body['outcome']);
  }
  expect(codes[0]).toBe('GITHUB_UNAVAILABLE');
  expect(codes.at(-1)).toBe('created');
});
