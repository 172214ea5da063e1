import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  commit,
  commitAll,
  createEmpty,
  GET_BLOB,
  graphqlFailure,
  manyPages,
  onDay,
} from '../integration/github/support.ts';
import { mirrorTwoItems } from '../integration/synchronization/mirrored-bank.ts';
import {
  createItem,
  freshMirrorOf,
  HISTORIES,
  itemText,
  mirrored,
  outcomesOf,
  startEmptyBank,
  withStatus,
} from '../integration/synchronization/support.ts';
import { type Bank, ORGANIZATION, ROUTES } from '../support/bank.ts';
import { allRows, useDynamoDb } from '../support/dynamodb.ts';
import { isFull } from '../support/extent.ts';
import { mirrorOf } from '../support/items-table.ts';
import { beginRun, nightlyRuns } from '../support/run.ts';

const newTable = useDynamoDb();

/** Versions of an item, each with a text of its own. */
const versions = (count: number): string[] =>
  Array.from({ length: count }, (_, index) =>
    itemText('1', { ...withStatus(`Status ${Math.floor(index / 10)}`), version: `iat-${index}` }),
  );

/** A bank with an item of so many versions. Its neighbours are listed after it. */
async function bankWithLongItem(contents: readonly (string | Uint8Array)[]) {
  const bank = await startEmptyBank();
  const long = await createEmpty(bank, 'item-1');
  await commitAll(bank, long, contents);
  for (const id of ['2', '3']) await createItem(bank, `item-${id}`, itemText(id));
  return { bank, long };
}

/** The time of an invocation that is enough for nine queries of 30 s each before it stops. */
function slowGitHub({ site }: Bank) {
  const queries = () => site.traffic.requests.get(ROUTES.graphql) ?? 0;
  let before = queries();
  return {
    remainingTimeMs: () => 480_000 - (queries() - before) * 30_000,
    beginInvocation: () => {
      before = queries();
    },
  };
}

describe('a long history', () => {
  it.runIf(isFull())(
    'ends no invocation too late, does not delay its neighbours, and is continued where it stopped',
    async () => {
      const { bank, long } = await bankWithLongItem(versions(330));
      const time = slowGitHub(bank);
      const run = await beginRun({ newTable, bank, overrides: { remainingTimeMs: time.remainingTimeMs } });
      await run.list();
      const processed: number[] = [];
      let isDeferred = true;
      while (isDeferred && processed.length < 5) {
        time.beginInvocation();
        const result = await run.batch(0);
        expect(time.remainingTimeMs()).toBeGreaterThan(0);
        processed.push(result.processed);
        isDeferred = result.deferred;
      }
      expect(processed).toEqual([2, 3]);
      expect(await outcomesOf(run)).toEqual({
        'item-1': 'created',
        'item-2': 'created',
        'item-3': 'created',
      });
      expect((await mirrored(run, long)).revisions).toHaveLength(330);
      expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
    },
  );

  it.runIf(isFull())('is left to the next run, by name, if one run may not read all of it', async () => {
    // GraphQL cannot return these files, so that each of them has to be downloaded.
    const latin1 = versions(520).map((text) => Buffer.from(text.replace('iat', 'ät'), 'latin1'));
    const { bank, long } = await bankWithLongItem([...latin1, itemText('1')]);
    const nextRun = nightlyRuns({ newTable, bank });
    const first = await nextRun();
    expect(first.exit).toMatchObject({
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage: expect.stringContaining('created: 2, updated: 0, unchanged: 0, removed: 0, deferred: 1'),
    });
    expect(await outcomesOf(first)).toMatchObject({ 'item-1': 'HISTORY_UNFINISHED', 'item-2': 'created' });
    const downloads = bank.requests(GET_BLOB);
    expect(downloads).toBeGreaterThan(480);
    expect(downloads).toBeLessThan(500);
    const done = `${downloads + 1} of 521 versions of item.json are read; the next run continues`;
    expect(first.log.lines).toContainEqual(
      expect.objectContaining({
        level: 'WARN',
        message: `item bank id ${long.itemBankId} (item-1): deferred, webhook missing, HISTORY_UNFINISHED: ${done}`,
      }),
    );
    expect(await outcomesOf(await nextRun())).toMatchObject({ 'item-1': 'created', 'item-2': 'unchanged' });
    expect(bank.requests(GET_BLOB)).toBe(520 - downloads);
  });

  it('is read again only where a version could not be read', async () => {
    const { bank } = await bankWithLongItem(versions(120));
    const nextRun = nightlyRuns({ newTable, bank });
    const failOnce = () =>
      bank.site.fail(graphqlFailure({ change: withoutLastBlob }, { bodyIncludes: '$oid49' }));
    failOnce();
    const dryRun = await nextRun({ options: { dryRun: true } });
    expect(await outcomesOf(dryRun)).toMatchObject({ 'item-1': 'GITHUB_ERROR' });
    expect(await allRows(dryRun.dependencies.itemsTable)).toEqual([]);

    failOnce();
    expect(await outcomesOf(await nextRun())).toMatchObject({ 'item-1': 'GITHUB_ERROR' });
    bank.requests(ROUTES.graphql);
    const run = await nextRun();
    expect(await outcomesOf(run)).toMatchObject({ 'item-1': 'created' });
    // Two counts, the heads, two pages of the history, one for the head and the missing version, and the heads again.
    expect(bank.requests(ROUTES.graphql)).toBe(7);
    expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });
});

const Answer = z.object({ data: z.record(z.string(), z.unknown()) });

/** GitHub's answer about texts, as if the last of 50 blobs did not exist. */
function withoutLastBlob(answer: unknown): unknown {
  const { data } = Answer.parse(answer);
  return { data: { ...data, r49: { owner: { login: ORGANIZATION }, object: null } } };
}

describe('a history of more than 5,000 commits', () => {
  it('fails its item, which keeps its last good state, and no other', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    await commit(bank, item, { content: itemText('1', { version: 'iat-5' }), author: onDay(2) });
    const other = await createItem(bank, 'item-3', itemText('3'));
    const pages = manyPages();
    const change = (answer: unknown) => ({ data: { ...Answer.parse(answer).data, ...pages().data } });
    bank.site.fail(graphqlFailure({ change }, { bodyIncludes: HISTORIES, times: 50 }));
    const run = await nextRun();
    expect(await outcomesOf(run)).toEqual({
      'item-1': 'HISTORY_TOO_LONG',
      'item-2': 'unchanged',
      'item-3': 'created',
    });
    const { item: row, revisions } = await mirrored(run, item);
    expect(row).toMatchObject({ revisionCount: 1, failure: { reason: 'HISTORY_TOO_LONG' } });
    expect(row).not.toHaveProperty('incomplete');
    expect(revisions).toHaveLength(1);
    expect((await mirrored(run, other)).revisions).toHaveLength(1);
  });
});
