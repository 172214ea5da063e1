import { updateItem, type WriteContext } from '../../functions/mirror/bookkeeping.ts';
import type { Revision } from '../../functions/mirror/item-history.ts';
import { BOOKKEEPING } from '../../functions/mirror/mirror-rows.ts';
import type { BankItem } from '../../functions/mirror/plan-item.ts';
import { readMirror } from '../../functions/mirror/read-mirror.ts';
import { type ItemBankId, itemBankId, jobExecutionId } from '../../functions/shared/contract/ids.ts';
import { ITEM_INDEXES } from '../../functions/shared/contract/names.ts';
import type { Row, Table } from '../../functions/shared/dynamodb.ts';
import { allRows, type TableSchema } from './dynamodb.ts';
import { MINIMAL_FIELDS } from './item-json.ts';

const INDEXES = Object.values(ITEM_INDEXES);

/** The Items table as the stack defines it. */
export const ITEMS_TABLE = {
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'itemBankId', AttributeType: 'N' },
    { AttributeName: 'sk', AttributeType: 'S' },
    ...INDEXES.map(({ attribute }) => ({ AttributeName: attribute, AttributeType: 'S' }) as const),
  ],
  KeySchema: [
    { AttributeName: 'itemBankId', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: INDEXES.map(({ name, attribute }) => ({
    IndexName: name,
    KeySchema: [{ AttributeName: attribute, KeyType: 'HASH' }],
    Projection: { ProjectionType: 'KEYS_ONLY' },
  })),
} satisfies TableSchema;

export const ID = itemBankId(1_296_269_001);
export const NOW = new Date('2026-11-23T09:00:00.000Z');
export const RUN: WriteContext = {
  now: NOW,
  readAt: NOW,
  cause: 'run',
  jobExecutionId: jobExecutionId(15),
};

/** `count` commits of item.json, an hour apart, the oldest first. Two values of `branch` give two sets of commit ids. */
export const revisions = (count: number, branch = 'main'): Revision[] =>
  Array.from({ length: count }, (_, index) => ({
    sha: `${branch}-${index}`,
    committedAt: new Date(Date.UTC(2026, 0, 1, index)).toISOString(),
    authoredAt: new Date(Date.UTC(2025, 11, 31, index)).toISOString(),
    author: 'Alice Archer',
    authorLogin: 'alice',
    workflowStatus: 'Draft',
  }));

/** An item as the bank has it. `changes` turn it into another item, or into a later state of it. */
export function bankItem(changes: Partial<BankItem> = {}): BankItem {
  return {
    itemBankId: ID,
    nodeId: 'R_one',
    repositoryName: '205030',
    archived: false,
    branch: 'main',
    isBeingCreated: false,
    headCommit: 'commit-1',
    blobOid: 'blob-1',
    fields: { ...MINIMAL_FIELDS, itemId: '205030', stimulusId: '9001', workflowStatus: 'Draft' },
    keywords: { keywords: [{ section: 'Prompt / Stem', content: 'Find x' }], omitted: 0 },
    itemJson: '{"id":"205030"}',
    revisions: revisions(3),
    ...changes,
  };
}

/** The rows of a table, with only the attributes that follow from the bank. */
export async function mirrorOf(table: Table): Promise<Row[]> {
  const followsFromBank = ([name]: [string, unknown]): boolean => !BOOKKEEPING.includes(name);
  const rows = await allRows(table);
  return rows.map((row) => Object.fromEntries(Object.entries(row).filter(followsFromBank)));
}

/** Changes the version of an item's row, as any other writer does. */
export async function changeRow(table: Table, { itemBankId: id }: { itemBankId: ItemBankId }): Promise<void> {
  const row = (await readMirror(table, [id])).get(id);
  if (!row) throw new Error(`the mirror has no item of item bank id ${id}`);
  const { version } = row;
  await updateItem(table, { itemBankId: id, version, set: { version: version + 1 } });
}
