import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../shared/dynamodb.ts';
import { readBankMemory } from './bank-memory.ts';
import { KEYS } from './keys.ts';
import { readState } from './lock.ts';

/**
 * Counts an item that a delivery is about to remove. Between two full runs, deliveries may remove as large a share of
 * the bank as one run may: more looks like a fault rather than like somebody's work.
 * @returns false if the limit is reached, or if the size of the bank is not known because no run has listed it.
 */
export async function countDeliveryRemoval(
  executionsTable: Table,
  { limitPercent }: { limitPercent: number },
): Promise<boolean> {
  const [{ repositories = 0 }, { lastFullRun }] = await Promise.all([
    readBankMemory(executionsTable),
    readState(executionsTable),
  ]);
  const limit = Math.floor((repositories * limitPercent) / 100);
  const since = lastFullRun?.since ?? 'never';
  if (limit < 1) return false;
  const add = (): Promise<boolean> =>
    update(executionsTable, {
      UpdateExpression: 'ADD removed :one',
      ConditionExpression: 'since = :since AND removed < :limit',
      ExpressionAttributeValues: { ':one': 1, ':since': since, ':limit': limit },
    });
  const begin = (): Promise<boolean> =>
    update(executionsTable, {
      UpdateExpression: 'SET removed = :one, since = :since',
      ConditionExpression: 'attribute_not_exists(since) OR since <> :since',
      ExpressionAttributeValues: { ':one': 1, ':since': since },
    });
  // Another invocation may begin the count between the first two.
  return (await add()) || (await begin()) || add();
}

type Change = Pick<
  ConstructorParameters<typeof UpdateCommand>[0],
  'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeValues'
>;

/** @returns whether the condition held. */
async function update(executionsTable: Table, change: Change): Promise<boolean> {
  try {
    await executionsTable.client.send(
      new UpdateCommand({ TableName: executionsTable.name, Key: KEYS.deliveryRemovals(), ...change }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
