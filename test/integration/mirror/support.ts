import type { BatchGetCommandOutput } from '@aws-sdk/lib-dynamodb';
import { recordVerification } from '../../../functions/mirror/bookkeeping.ts';
import { ITEM_KEYS, isTombstone, type MirrorRow, parseItem } from '../../../functions/mirror/mirror-rows.ts';
import { type BankItem, type ItemPlan, isUnchanged, planItem } from '../../../functions/mirror/plan-item.ts';
import { type Publish, publishChanges } from '../../../functions/mirror/publish.ts';
import { readRevisions } from '../../../functions/mirror/read-mirror.ts';
import { finishRemoval } from '../../../functions/mirror/remove-item.ts';
import { writeItem } from '../../../functions/mirror/write-item.ts';
import { getRow, type Table } from '../../../functions/shared/dynamodb.ts';
import { ID, RUN } from '../../support/items-table.ts';

/** ITEM with all its attributes. */
export async function readRow(itemsTable: Table, id = ID): Promise<MirrorRow | undefined> {
  const row = await getRow(itemsTable, ITEM_KEYS.item(id));
  return row && parseItem(row);
}

/** @throws Error if there is no ITEM row. */
export async function requireRow(itemsTable: Table): Promise<MirrorRow> {
  const row = await readRow(itemsTable);
  if (!row) throw new Error('there is no ITEM row');
  return row;
}

/** @throws Error if the item is too large. */
export async function planFor(itemsTable: Table, bank: BankItem): Promise<ItemPlan> {
  const before = await readRow(itemsTable, bank.itemBankId);
  const plan = planItem({ before, stored: await readRevisions(itemsTable, bank.itemBankId), bank });
  if (plan.kind === 'planned') return plan;
  throw new Error(plan.failure.message);
}

/** Writes an item as the bank has it, over what is there. @throws Error if another writer came in between. */
export async function store(itemsTable: Table, bank: BankItem, context = RUN): Promise<MirrorRow> {
  const row = await writeItem(itemsTable, await planFor(itemsTable, bank), context);
  if (row) return row;
  throw new Error('another writer came in between');
}

/** Synchronizes an item from any state of its rows, as the product does. */
export async function synchronize({ itemsTable, publish }: Process, bank: BankItem): Promise<void> {
  const before = await readRow(itemsTable);
  if (before && isTombstone(before)) await finishRemoval(itemsTable, before, publish);
  const isUpToDate = before && isUnchanged(before, bank);
  const version = isUpToDate && (await recordVerification(itemsTable, before, RUN));
  const row = version ? { ...before, version } : await store(itemsTable, bank);
  await publishChanges({ itemsTable, publish }, [row]);
}

type Count = <Answer>(request: Promise<Answer>) => Promise<Answer>;

/** Counts the completed requests of a process, and calls `interrupt` once after `requests` of them. */
function counter(requests: number, interrupt: () => Promise<unknown>): Count {
  let left = requests;
  return async (request) => {
    const answer = await request;
    left -= 1;
    if (left === 0) await interrupt();
    return answer;
  };
}

function counted(itemsTable: Table, count: Count): Table {
  const send: Table['client']['send'] = (...request: [never]) => count(itemsTable.client.send(...request));
  const client = new Proxy(itemsTable.client, {
    get: (target, property) => (property === 'send' ? send : Reflect.get(target, property)),
  });
  return { ...itemsTable, client };
}

/** The table of a process in which `interrupt` is called once, after `requests` of its requests. */
export const interruptedAfter = (
  itemsTable: Table,
  requests: number,
  interrupt: () => Promise<unknown>,
): Table => counted(itemsTable, counter(requests, interrupt));

const DEATH = 'the process died';
const die = (): Promise<never> => Promise.reject(new Error(DEATH));

/** The names of the attributes of all rows that batch requests of `use` are answered with. */
export async function attributesRead(
  itemsTable: Table,
  use: (table: Table) => Promise<unknown>,
): Promise<Set<string>> {
  const names = new Set<string>();
  const remember: Count = async (request) => {
    const answer = await request;
    const { Responses = {} } = answer as BatchGetCommandOutput;
    for (const row of Object.values(Responses).flat()) for (const name of Object.keys(row)) names.add(name);
    return answer;
  };
  await use(counted(itemsTable, remember));
  return names;
}

/** The table of a process that dies after `requests` of its requests. */
export const dyingAfter = (itemsTable: Table, requests: number): Table =>
  interruptedAfter(itemsTable, requests, die);

/** The dependencies of a process. */
export interface Process {
  itemsTable: Table;
  publish: Publish;
}

/** A process that dies after `requests` requests to the table and the event bus together. */
export function dyingProcess({ itemsTable, publish }: Process, requests: number): Process {
  const count = counter(requests, die);
  return { itemsTable: counted(itemsTable, count), publish: (events) => count(publish(events)) };
}

/** @returns whether the process died; any other error is thrown. */
export async function dies(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return false;
  } catch (error) {
    if (error instanceof Error && error.message === DEATH) return true;
    throw error;
  }
}
