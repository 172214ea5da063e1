import { describe, expect, it } from 'vitest';
import { type Bank, ROUTES } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { beginRun, type Run } from '../../support/run.ts';
import { answering, commit, graphqlFailure, onDay } from '../github/support.ts';
import { mirrorTwoItems } from './mirrored-bank.ts';
import {
  createItem,
  freshMirrorOf,
  HEADS,
  HISTORIES,
  itemText,
  outcomesOf,
  startEmptyBank,
  TEXTS,
} from './support.ts';

const newTable = useDynamoDb();

const RESUME_AT = '2026-11-23T10:00:00.000Z';
/** GraphQL reports rate limits with HTTP status 200. */
const LIMITED = answering(
  { errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }] },
  { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Date.parse(RESUME_AT) / 1_000) },
);

/** More than one group of changed items. */
const ITEMS = 27;
const FIRST_GROUP = 25;

async function listedRun(bank: Bank): Promise<Run> {
  const run = await beginRun({ newTable, bank });
  await run.list();
  return run;
}

describe('a rate limit during a batch', () => {
  it.each([
    ['heads', HEADS],
    ['histories', HISTORIES],
    ['files', TEXTS],
  ])(
    'defers all items if it affects the query for %s, and each is then synchronized once',
    async (_, bodyIncludes) => {
      const bank = await startEmptyBank();
      await createItem(bank, 'item-1');
      await createItem(bank, 'item-2', itemText('2'));
      const run = await listedRun(bank);
      bank.site.fail(graphqlFailure(LIMITED, { bodyIncludes }));
      expect(await run.batch(0)).toMatchObject({ deferred: true, resumeAt: RESUME_AT, processed: 0 });
      expect(await run.items()).toEqual([]);

      run.clock.set(RESUME_AT);
      expect(await run.batch(0)).toMatchObject({ deferred: false, processed: 2 });
      expect(await outcomesOf(run)).toEqual({ 'item-1': 'created', 'item-2': 'created' });
      expect((await run.complete()).exitMessage).toContain('created: 2, updated: 0, unchanged: 0');
      expect(run.events.filter(({ type }) => type === 'ItemCreated')).toHaveLength(2);
    },
  );

  it.each([
    ['histories', HISTORIES],
    ['files', TEXTS],
  ])('defers only changed items if it affects the query for %s', async (_, bodyIncludes) => {
    const { bank, item, run: mirroring } = await mirrorTwoItems(newTable);
    const { dependencies, clock } = mirroring;
    await commit(bank, item, { content: itemText('1', { version: 'iat-5' }), author: onDay(2) });
    const run = await beginRun({ newTable, bank, tables: dependencies, clock });
    await run.list();
    const resumeAt = new Date(clock.now().getTime() + 30_000).toISOString();
    const slowDown = { status: 403, headers: { 'retry-after': '30' }, body: { message: 'Slow down' } };
    bank.site.fail(graphqlFailure(slowDown, { bodyIncludes }));
    expect(await run.batch(0)).toMatchObject({ deferred: true, resumeAt, processed: 1 });
    expect(await outcomesOf(run)).toEqual({ 'item-2': 'unchanged' });

    run.clock.set(resumeAt);
    bank.requests(ROUTES.listHooks);
    expect(await run.batch(0)).toMatchObject({ deferred: false, processed: 2 });
    expect(bank.requests(ROUTES.listHooks)).toBe(1);
    expect(await outcomesOf(run)).toEqual({ 'item-1': 'updated', 'item-2': 'unchanged' });
    expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });

  it('defers a group that was written, too, because its heads can be read again only after the wait', async () => {
    const bank = await startEmptyBank();
    for (let id = 1; id <= ITEMS; id += 1) await createItem(bank, `item-${id}`, itemText(String(id)));
    const run = await listedRun(bank);
    bank.site.fail(graphqlFailure({ change: (answer) => answer }, { bodyIncludes: HISTORIES }));
    bank.site.fail(graphqlFailure(LIMITED, { bodyIncludes: HISTORIES }));
    expect(await run.batch(0)).toMatchObject({ deferred: true, processed: 0 });
    expect(run.events.filter(({ type }) => type === 'ItemCreated')).toHaveLength(FIRST_GROUP);

    run.clock.set(RESUME_AT);
    bank.requests(ROUTES.listHooks);
    expect(await run.batch(0)).toMatchObject({ deferred: false, processed: ITEMS });
    expect(bank.requests(ROUTES.listHooks)).toBe(ITEMS);
    expect((await run.complete()).exitMessage).toContain(`created: ${ITEMS}, updated: 0, unchanged: 0`);
    expect(run.events.filter(({ type }) => type === 'ItemCreated')).toHaveLength(ITEMS);
  });
});
