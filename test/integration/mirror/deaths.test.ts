import { describe, expect, it } from 'vitest';
import { recordFailure } from '../../../functions/mirror/bookkeeping.ts';
import { removeItem } from '../../../functions/mirror/remove-item.ts';
import type { ChangeEvent } from '../../../functions/shared/contract/events.ts';
import type { Row, Table } from '../../../functions/shared/dynamodb.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { bankItem, ITEMS_TABLE, RUN, revisions } from '../../support/items-table.ts';
import { dies, dyingProcess, type Process, readRow, store, synchronize } from './support.ts';

const newTable = useDynamoDb();

const LONG = bankItem({ headCommit: 'commit-9', blobOid: 'blob-9', revisions: revisions(110, 'long') });

type Work = (process: Process) => Promise<unknown>;

const stored =
  (bank = bankItem()): Work =>
  ({ itemsTable }) =>
    store(itemsTable, bank);
const synchronized =
  (bank = bankItem()): Work =>
  (process) =>
    synchronize(process, bank);

const failed: Work = async ({ itemsTable }) => {
  const trouble = { reason: 'ITEM_JSON_INVALID', message: 'not JSON' } as const;
  await recordFailure(itemsTable, { row: await readRow(itemsTable), seen: bankItem(), trouble }, RUN);
};
const removed: Work = async ({ itemsTable, publish }) => {
  const row = await readRow(itemsTable);
  if (row) await removeItem(itemsTable, row, { ...RUN, reason: 'DELETED', publish });
};
/** With a tombstone, and all else still there. */
const removedHalf: Work = async (process) => {
  await stored(LONG)(process);
  await dies(removed(dyingProcess(process, 2)));
};

interface Ending {
  rows: Row[];
  events: string[];
}

/** Rows and events without versions: a change that is done anew has a higher one. */
async function endingOf(itemsTable: Table, events: readonly ChangeEvent[]): Promise<Ending> {
  const rows = (await allRows(itemsTable)).map(({ version: _, ...row }) => row);
  const told = events.map(({ type, detail }) => JSON.stringify({ type, ...detail, version: 0 }));
  return { rows, events: [...new Set(told)] };
}

interface Story {
  prepare: Work;
  work: Work;
}

/** Does a work; before that, if `requests` are given, another process does it, and dies after so many of them. */
async function tell({ prepare, work }: Story, requests?: number): Promise<Ending & { died: boolean }> {
  const events: ChangeEvent[] = [];
  const itemsTable = await newTable(ITEMS_TABLE);
  await prepare({ itemsTable, publish: async () => {} });
  const process: Process = { itemsTable, publish: async (more) => void events.push(...more) };
  const died = requests !== undefined && (await dies(work(dyingProcess(process, requests))));
  await work(process);
  return { died, ...(await endingOf(itemsTable, events)) };
}

const nothing: Work = async () => {};

describe('a process may die after any request', () => {
  it.each([
    { what: 'a new item', prepare: nothing, work: synchronized(), requests: 6 },
    { what: 'a new item with a long history', prepare: nothing, work: synchronized(LONG), requests: 7 },
    { what: 'a changed item', prepare: stored(), work: synchronized(LONG), requests: 7 },
    { what: 'a rewritten history', prepare: stored(LONG), work: synchronized(), requests: 7 },
    { what: 'an item that was bad', prepare: failed, work: synchronized(), requests: 6 },
    { what: 'an unchanged item', prepare: stored(), work: synchronized(), requests: 4 },
    { what: 'an item that turns bad', prepare: stored(), work: failed, requests: 2 },
    { what: 'an item that is removed', prepare: stored(), work: removed, requests: 6 },
    { what: 'a bad item that is removed', prepare: failed, work: removed, requests: 4 },
    { what: 'a long history that is removed', prepare: stored(LONG), work: removed, requests: 7 },
    { what: 'a removal that is finished', prepare: removedHalf, work: removed, requests: 7 },
    { what: 'an item that comes back', prepare: removedHalf, work: synchronized(), requests: 11 },
  ])('and $what ends as without that', async ({ requests, ...story }) => {
    const { rows, events } = await tell(story);
    for (let last = 1; last <= requests; last += 1) {
      expect(await tell(story, last)).toEqual({ died: true, rows, events });
    }
    expect(await tell(story, requests + 1)).toMatchObject({ died: false });
  });
});
