import { expect, it } from 'vitest';
import { rememberOfBank } from '../../../functions/executions/bank-memory.ts';
import { countDeliveryRemoval } from '../../../functions/executions/delivery-removals.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';

const newTable = useDynamoDb();

it('counts the removals of invocations that begin the count at the same time, up to the limit', async () => {
  const executionsTable = await newTable();
  await rememberOfBank(executionsTable, { repositories: 59 });
  const count = () => countDeliveryRemoval(executionsTable, { limitPercent: 10 });
  expect(await Promise.all([count(), count(), count()])).toEqual([true, true, true]);
  expect(await Promise.all([count(), count()])).toEqual([true, true]);
  expect(await count()).toBe(false);
});
