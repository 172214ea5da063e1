import { ConditionalCheckFailedException, TransactionConflictException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { Row, Table } from '../shared/dynamodb.ts';
import { ITEM_KEYS, type MirrorRow } from './mirror-rows.ts';

/** A change to single attributes of ITEM. */
export interface ItemUpdate {
  itemBankId: ItemBankId;
  /** The version that was read; undefined where there was no row. */
  version: number | undefined;
  set?: Partial<MirrorRow>;
  remove?: keyof MirrorRow;
}

/** Holds while ITEM is as it was read, or still not there, and is not being removed. */
export function isAsRead(version: number | undefined) {
  if (version === undefined) return { ConditionExpression: 'attribute_not_exists(itemBankId)' };
  return {
    ConditionExpression: 'version = :read AND attribute_not_exists(removal)',
    ExpressionAttributeValues: { ':read': version } satisfies Row,
  };
}

/** The update as a transaction or UpdateItem takes it. */
export function updateOf(itemsTable: Table, { itemBankId, version, set = {}, remove }: ItemUpdate) {
  const { ConditionExpression, ExpressionAttributeValues } = isAsRead(version);
  const names = Object.keys(set);
  const values = Object.entries(set).map(([name, value]) => [`:${name}`, value]);
  return {
    TableName: itemsTable.name,
    Key: ITEM_KEYS.item(itemBankId),
    UpdateExpression: [
      ...(names.length > 0 ? [`SET ${names.map((name) => `${name} = :${name}`).join(', ')}`] : []),
      ...(remove === undefined ? [] : [`REMOVE ${remove}`]),
    ].join(' '),
    ConditionExpression,
    ExpressionAttributeValues: { ...ExpressionAttributeValues, ...Object.fromEntries(values) } as Row,
  };
}

/** @returns whether ITEM was as it was read, and no other writer at work on it. */
export async function updateItem(itemsTable: Table, update: ItemUpdate): Promise<boolean> {
  try {
    await itemsTable.client.send(new UpdateCommand(updateOf(itemsTable, update)));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    if (error instanceof TransactionConflictException) return false;
    throw error;
  }
}
