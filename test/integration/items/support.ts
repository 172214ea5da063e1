import type { Table } from '../../../functions/dynamodb.ts';
import { announceChanges, type Publish } from '../../../functions/items/announce.ts';
import { markVerified } from '../../../functions/items/bookkeeping.ts';
import { isTombstone, type MirrorRow } from '../../../functions/items/mirror-rows.ts';
import { type BankItem, type ItemPlan, isUnchanged, planItem } from '../../../functions/items/plan-item.ts';
import { readMirror, readRevisions } from '../../../functions/items/read-mirror.ts';
import { finishRemoval } from '../../../functions/items/remove-item.ts';
import { writeItem } from '../../../functions/items/write-item.ts';
import { ID, RUN } from '../../support/items-table.ts';

export async function readRow(table: Table, id = ID): Promise<MirrorRow | undefined> {
  return (await readMirror(table, [id])).get(id);
}

/** @throws Error when there is no ITEM row. */
export async function requireRow(table: Table): Promise<MirrorRow> {
  const row = await readRow(table);
  if (!row) throw new Error('there is no ITEM row');
  return row;
}

/** @throws Error when the item is too large. */
export async function planFor(table: Table, bank: BankItem): Promise<ItemPlan> {
  const before = await readRow(table, bank.itemBankId);
  const plan = planItem({ before, stored: await readRevisions(table, bank.itemBankId), bank });
  if (plan.kind === 'planned') return plan;
  throw new Error(plan.message);
}

/** Writes an item as the bank has it, over what is there. @throws Error on a conflict. */
export async function store(table: Table, bank: BankItem, context = RUN): Promise<MirrorRow> {
  const row = await writeItem(table, await planFor(table, bank), context);
  if (row) return row;
  throw new Error('another writer came in between');
}

/** Brings an item up to date from whatever state its rows are in, as the product does. */
export async function synchronize({ table, publish }: Process, bank: BankItem): Promise<void> {
  const before = await readRow(table);
  if (before && isTombstone(before)) await finishRemoval(table, before, publish);
  const isUpToDate = before && isUnchanged(before, bank);
  const version = isUpToDate && (await markVerified(table, before, RUN));
  const row = version ? { ...before, version } : await store(table, bank);
  await announceChanges({ table, publish }, [row]);
}

type Count = <Answer>(request: Promise<Answer>) => Promise<Answer>;

/** Counts the requests of a process that were carried out; after so many of them something happens. */
function counter(requests: number, interrupt: () => Promise<unknown>): Count {
  let left = requests;
  return async (request) => {
    const answer = await request;
    left -= 1;
    if (left === 0) await interrupt();
    return answer;
  };
}

function counted(table: Table, count: Count): Table {
  const send: Table['client']['send'] = (...request: [never]) => count(table.client.send(...request));
  const client = new Proxy(table.client, {
    get: (target, property) => (property === 'send' ? send : Reflect.get(target, property)),
  });
  return { ...table, client };
}

/** The table of a process in which something happens after so many of its requests. */
export const interruptedAfter = (table: Table, requests: number, interrupt: () => Promise<unknown>): Table =>
  counted(table, counter(requests, interrupt));

const DEATH = 'the process died';
const die = (): Promise<never> => Promise.reject(new Error(DEATH));

/** The table of a process that dies after so many of its requests. */
export const dyingAfter = (table: Table, requests: number): Table => interruptedAfter(table, requests, die);

/** What a process has at hand. */
export interface Process {
  table: Table;
  publish: Publish;
}

/** A process that dies after so many requests, whether to the table or to the event bus. */
export function dyingProcess({ table, publish }: Process, requests: number): Process {
  const count = counter(requests, die);
  return { table: counted(table, count), publish: (events) => count(publish(events)) };
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
