import { describe, expect, it } from 'vitest';
import { recordFailure } from '../../functions/mirror/bookkeeping.ts';
import { removeItem } from '../../functions/mirror/remove-item.ts';
import type { ChangeEvent } from '../../functions/shared/contract/events.ts';
import type { Row, Table } from '../../functions/shared/dynamodb.ts';
import {
  dies,
  dyingProcess,
  type Process,
  readRow,
  store,
  synchronize,
} from '../integration/mirror/support.ts';
import { allRows, useDynamoDb } from '../support/dynamodb.ts';
import { range, spread } from '../support/extent.ts';
import { bankItem, ITEMS_TABLE, RUN, revisions } from '../support/items-table.ts';

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
  const failure = { reason: 'ITEM_JSON_INVALID', message: 'not JSON' } as const;
  await recordFailure(itemsTable, { row: await readRow(itemsTable), repository: bankItem(), failure }, RUN);
};
const removed: Work = async ({ itemsTable, publish }) => {
  const row = await readRow(itemsTable);
  if (row) await removeItem(itemsTable, row, { ...RUN, reason: 'DELETED', publish });
};
/** A removal that was interrupted after the tombstone was written. */
const removedHalf: Work = async (process) => {
  await stored(LONG)(process);
  await dies(removed(dyingProcess(process, 2)));
};

interface Ending {
  rows: Row[];
  events: string[];
}

/** Rows and events without versions, because repeating a change raises the version. */
async function endingOf(itemsTable: Table, events: readonly ChangeEvent[]): Promise<Ending> {
  const rows = (await allRows(itemsTable)).map(({ version: _, ...row }) => row);
  const published = events.map(({ type, detail }) => JSON.stringify({ type, ...detail, version: 0 }));
  return { rows, events: [...new Set(published)] };
}

interface Scenario {
  prepare: Work;
  work: Work;
}

/** Does the work. If `requests` is given, another process begins it before, and dies after that many requests. */
async function play({ prepare, work }: Scenario, requests?: number): Promise<Ending & { died: boolean }> {
  const events: ChangeEvent[] = [];
  const itemsTable = await newTable(ITEMS_TABLE);
  await prepare({ itemsTable, publish: async () => {} });
  const process: Process = { itemsTable, publish: async (more) => void events.push(...more) };
  const died = requests !== undefined && (await dies(work(dyingProcess(process, requests))));
  await work(process);
  return { died, ...(await endingOf(itemsTable, events)) };
}

const nothing: Work = async () => {};

/** `requests`: how many the work sends. */
const SCENARIOS: (Scenario & { what: string; requests: number })[] = [
  { what: 'a new item', prepare: nothing, work: synchronized(), requests: 6 },
  { what: 'a new item with a long history', prepare: nothing, work: synchronized(LONG), requests: 7 },
  { what: 'a changed item', prepare: stored(), work: synchronized(LONG), requests: 7 },
  { what: 'a rewritten history', prepare: stored(LONG), work: synchronized(), requests: 7 },
  { what: 'an item that was invalid', prepare: failed, work: synchronized(), requests: 6 },
  { what: 'an unchanged item', prepare: stored(), work: synchronized(), requests: 4 },
  { what: 'an item that becomes invalid', prepare: stored(), work: failed, requests: 2 },
  { what: 'an item that is removed', prepare: stored(), work: removed, requests: 6 },
  { what: 'an invalid item that is removed', prepare: failed, work: removed, requests: 4 },
  { what: 'a long history that is removed', prepare: stored(LONG), work: removed, requests: 7 },
  { what: 'a removal that is finished', prepare: removedHalf, work: removed, requests: 7 },
  { what: 'an item that comes back', prepare: removedHalf, work: synchronized(), requests: 11 },
];

describe('if a process dies after any of its requests', () => {
  it.each(spread(SCENARIOS, 4))(
    'repeating its work ends in the same rows and events: $what',
    async ({ requests, ...scenario }) => {
      const { rows, events } = await play(scenario);
      for (const last of spread(range(requests), 3)) {
        expect(await play(scenario, last + 1)).toEqual({ died: true, rows, events });
      }
      expect(await play(scenario, requests + 1)).toMatchObject({ died: false });
    },
  );
});
