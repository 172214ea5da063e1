import { readBatch } from '../../../functions/executions/batch.ts';
import { KEYS } from '../../../functions/executions/keys.ts';
import { readItem, type StoredItem } from '../../../functions/mirror/read-mirror.ts';
import type { ListedRepository } from '../../../functions/shared/contract/repositories.ts';
import type { Row, Table } from '../../../functions/shared/dynamodb.ts';
import { type Bank, connect, connectWithoutRetries, startBank, WEBHOOK_SECRET } from '../../support/bank.ts';
import { allRows, type TableSchema } from '../../support/dynamodb.ts';
import { MINIMAL_ITEM } from '../../support/item-json.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { beginRun, type EndedRun, nightlyRuns, type Run } from '../../support/run.ts';
import { commit, createEmpty, onDay } from '../github/support.ts';

/** Registers the closing of the bank, by default with `onTestFinished`. */
type WhenFinished = [whenFinished?: (close: () => Promise<void>) => void];
type NewTable = (schema?: TableSchema) => Promise<Table>;

/** The content of an item.json. */
export const itemText = (id: string, changes: object = {}): string =>
  JSON.stringify({ ...MINIMAL_ITEM, id, ...changes });

export const withStatus = (workflowStatusCode: string) => ({ workflow: { workflowStatusCode } });

export const EMPTY = { repositories: 0, withoutProjectWebhook: 0 } as const;

export const startEmptyBank = (...whenFinished: WhenFinished): Promise<Bank> =>
  startBank(EMPTY, ...whenFinished);

/** Creates a repository with one commit, made on the first day. */
export async function createItem(
  bank: Bank,
  name: string,
  content: string | Uint8Array = itemText('1'),
): Promise<ListedRepository> {
  const repository = await createEmpty(bank, name);
  await commit(bank, repository, { content, author: onDay(1) });
  return repository;
}

/** Each text occurs in the request body of only one of the GraphQL queries about repositories. */
export const HEADS = 'nodes(ids: $ids)';
export const HISTORIES = 'history(path';
export const TEXTS = 'on Blob';

/** From now on, GitHub fails each query with such a text in it. A run that sends none is not disturbed. */
export function forbid({ site }: Bank, ...texts: readonly string[]): void {
  for (const bodyIncludes of texts) {
    const outcome = { status: 200, body: { data: null, errors: [{ message: 'not expected' }] } };
    site.fail({ method: 'POST', pathPrefix: '/graphql', bodyIncludes, times: Infinity, outcome });
  }
}

/** The published changes of items, with their causes. */
export const changesOf = ({ events }: EndedRun) =>
  events.flatMap(({ type, detail }) => ('cause' in detail ? [`${type}: ${detail.cause}`] : []));

/** Connects a run with a client that sends each request only once. */
export function withoutRetries({ site }: Bank): Pick<Run['dependencies'], 'connect'> {
  const github = connectWithoutRetries(site);
  return { connect: async () => ({ github, webhookSecret: WEBHOOK_SECRET }) };
}

/** A run after its listing, with one item each that it will create, update, leave unchanged and fail. */
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

/** The reason of each item that is done, or its outcome if it has no reason, by repository name. */
export async function outcomesOf(run: Run): Promise<Record<string, string>> {
  const { executionsTable } = run.dependencies;
  const id = run.event.jobExecutionId;
  const reported = new Map((await run.items()).map((item) => [item.itemBankId, item]));
  const outcomes: Record<string, string> = {};
  const { pk } = KEYS.workingRows(id);
  const rows = await allRows(executionsTable);
  const batches = rows.filter((row) => row['pk'] === pk && String(row['sk']).startsWith('BATCH#')).length;
  for (let batch = 0; batch < batches; batch += 1) {
    const { repositories, remaining } = await readBatch(executionsTable, id, batch);
    const open = new Set(remaining.map(({ itemBankId }) => itemBankId));
    for (const listed of repositories.filter(({ itemBankId }) => !open.has(itemBankId))) {
      const item = reported.get(listed.itemBankId);
      outcomes[item?.repositoryName ?? listed.repositoryName] = item?.reason ?? item?.outcome ?? 'unchanged';
    }
  }
  return outcomes;
}

/** @throws Error if the mirror does not contain the item. */
export async function mirrored(
  { dependencies }: Pick<Run, 'dependencies'>,
  { itemBankId }: ListedRepository,
): Promise<StoredItem> {
  const stored = await readItem(dependencies.itemsTable, itemBankId);
  if (stored) return stored;
  throw new Error(`the mirror has no item of item bank id ${itemBankId}`);
}

/** The rows of a new mirror of the bank, for comparison with one that several runs have changed. */
export async function freshMirrorOf(bank: Bank, newTable: NewTable): Promise<Row[]> {
  // A client of its own, which does not know how long the others have to wait.
  const access = { github: connect(bank.site), webhookSecret: WEBHOOK_SECRET };
  const run = await nightlyRuns({ newTable, bank, overrides: { connect: async () => access } })();
  return mirrorOf(run.dependencies.itemsTable);
}
