import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ListedRepository } from '../../../functions/shared/contract/repositories.ts';
import { putRows, type Row } from '../../../functions/shared/dynamodb.ts';
import { type Bank, startBank } from '../../support/bank.ts';
import { createClock } from '../../support/clock.ts';
import { allRows, type NewTable } from '../../support/dynamodb.ts';
import {
  type EndedRun,
  newTables,
  nightlyRuns,
  type RunParts,
  type RunSetup,
  runParts,
} from '../../support/run.ts';
import { createItem, EMPTY, itemText } from './support.ts';

/** A bank that one run has mirrored. */
interface MirroredBank {
  bank: Bank;
  /** The repository item-1, which the tests change. */
  item: ListedRepository;
  /** What that run worked with. */
  run: RunParts;
  /** Performs the next run. */
  nextRun: (options?: Partial<RunSetup>) => Promise<EndedRun>;
}

/** What is copied for each test. */
interface Original {
  item: ListedRepository;
  /** The files of the bank. */
  files: { name: string; content: Buffer }[];
  executionRows: Row[];
  itemRows: Row[];
  now: Date;
}

/** By the number of items. One for all tests of a worker, because creating and mirroring a bank takes longer than most of them. */
const originals = new Map<number, Promise<Original>>();

export async function mirrorItems(newTable: NewTable, count: number): Promise<MirroredBank> {
  const pending = originals.get(count) ?? createOriginal(newTable, count);
  originals.set(count, pending);
  const { item, files, executionRows, itemRows, now } = await pending;
  const stateFolder = await mkdtemp(join(tmpdir(), 'item-sync-mirrored-'));
  for (const { name, content } of files) await writeFile(join(stateFolder, name), content);
  const bank = await startBank({ ...EMPTY, stateFolder });
  const tables = await newTables(newTable);
  await putRows(tables.executionsTable, executionRows);
  await putRows(tables.itemsTable, itemRows);
  const clock = createClock(now.toISOString());
  return {
    bank,
    item,
    run: runParts({ bank, clock }, tables),
    nextRun: nightlyRuns({ newTable, bank, tables, clock }),
  };
}

export const mirrorTwoItems = (newTable: NewTable): Promise<MirroredBank> => mirrorItems(newTable, 2);

async function createOriginal(newTable: NewTable, count: number): Promise<Original> {
  const bank = await startBank(EMPTY);
  const item = await createItem(bank, 'item-1');
  for (let id = 2; id <= count; id += 1) await createItem(bank, `item-${id}`, itemText(String(id)));
  const { dependencies, clock } = await nightlyRuns({ newTable, bank })();
  const names = await readdir(bank.stateFolder);
  const files = names.map(async (name) => ({ name, content: await readFile(join(bank.stateFolder, name)) }));
  return {
    item,
    files: await Promise.all(files),
    executionRows: await allRows(dependencies.executionsTable),
    itemRows: await allRows(dependencies.itemsTable),
    now: clock.now(),
  };
}
