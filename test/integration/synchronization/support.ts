import { readItem, type StoredItem } from '../../../functions/mirror/read-mirror.ts';
import type { ListedRepository } from '../../../functions/shared/contract/repositories.ts';
import type { Row, Table } from '../../../functions/shared/dynamodb.ts';
import { type Bank, connectWithoutRetries, startBank, WEBHOOK_SECRET } from '../../support/bank.ts';
import type { TableSchema } from '../../support/dynamodb.ts';
import { LEAST_ITEM } from '../../support/item-json.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { beginRun, type EndedRun, nightlyRuns, type Run, type RunSetup } from '../../support/run.ts';
import { commit, createEmpty, onDay } from '../github/support.ts';

/** The hook that closes the bank, where that is not the one of the test. */
type WhenFinished = [whenFinished?: (close: () => Promise<void>) => void];
type NewTable = (schema?: TableSchema) => Promise<Table>;

/** The text of an item.json. */
export const itemText = (id: string, changes: object = {}): string =>
  JSON.stringify({ ...LEAST_ITEM, id, ...changes });

export const withStatus = (workflowStatusCode: string) => ({ workflow: { workflowStatusCode } });

export const startEmptyBank = (...whenFinished: WhenFinished): Promise<Bank> =>
  startBank({ repositories: 0, withoutProjectWebhook: 0 }, ...whenFinished);

/** A new repository with one commit, of the first day. */
export async function createItem(
  bank: Bank,
  name: string,
  content: string | Uint8Array = itemText('1'),
): Promise<ListedRepository> {
  const repository = await createEmpty(bank, name);
  await commit(bank, repository, { content, author: onDay(1) });
  return repository;
}

/** A bank whose items are mirrored. */
interface MirroredBank {
  bank: Bank;
  /** item-1, which the test changes. */
  item: ListedRepository;
  /** All that comes next. */
  night: (options?: Partial<RunSetup>) => Promise<EndedRun>;
}

export async function mirrorItems(newTable: NewTable, count: number): Promise<MirroredBank> {
  const bank = await startEmptyBank();
  const item = await createItem(bank, 'item-1');
  for (let id = 2; id <= count; id += 1) await createItem(bank, `item-${id}`, itemText(String(id)));
  const night = nightlyRuns({ newTable, bank });
  await night();
  return { bank, item, night };
}

export const mirrorTwoItems = (newTable: NewTable): Promise<MirroredBank> => mirrorItems(newTable, 2);

/** What the body of each of the product's queries about repositories includes, and of no other. */
export const HEADS = 'isEmpty';
export const HISTORIES = 'history(path';
export const TEXTS = 'on Blob';

/** A run's access to GitHub by a client that asks once. */
export function withoutRetries({ site }: Bank): Pick<Run['dependencies'], 'connect'> {
  const github = connectWithoutRetries(site);
  return { connect: async () => ({ github, webhookSecret: WEBHOOK_SECRET }) };
}

/** A run that has listed what it is to create, update, find unchanged, and fail at. */
export async function listedWithEveryOutcome(
  newTable: NewTable,
  ...whenFinished: WhenFinished
): Promise<{ bank: Bank; run: Run }> {
  const bank = await startEmptyBank(...whenFinished);
  const changed = await createItem(bank, 'item-1');
  await createItem(bank, 'item-2', itemText('2'));
  const { dependencies, clock } = await nightlyRuns({ newTable, bank })();
  await createItem(bank, 'item-3', itemText('3'));
  await createItem(bank, 'item-4', 'not JSON');
  await commit(bank, changed, { content: itemText('1', withStatus('Draft')), author: onDay(2) });
  const run = await beginRun({ newTable, bank, tables: dependencies, clock });
  await run.list();
  return { bank, run };
}

/** By the repository's name, what became of it, or why it failed. */
export async function outcomesOf(run: Run): Promise<Record<string, string>> {
  const items = await run.items();
  return Object.fromEntries(
    items.map(({ repositoryName, outcome, reason }) => [repositoryName, reason ?? outcome]),
  );
}

/** @throws Error when the mirror has no such item. */
export async function mirrored({ dependencies }: Run, { itemBankId }: ListedRepository): Promise<StoredItem> {
  const stored = await readItem(dependencies.itemsTable, itemBankId);
  if (stored) return stored;
  throw new Error(`the mirror has no item of item bank id ${itemBankId}`);
}

/** What a mirror of the bank shows that was not there before. */
export async function freshMirrorOf(bank: Bank, newTable: NewTable): Promise<Row[]> {
  const run = await nightlyRuns({ newTable, bank })();
  return mirrorOf(run.dependencies.itemsTable);
}
