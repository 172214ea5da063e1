import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { getRow, type Table, transact } from '../dynamodb.ts';
import {
  type Forecast,
  type JobExecutionId,
  NO_REQUESTS,
  type RequestCounts,
  sumRequests,
} from '../vocabulary.ts';
import { KEYS } from './keys.ts';
import { readProgress } from './progress.ts';
import { expiry } from './working-rows.ts';

interface RequestsDependencies {
  table: Table;
  now: () => Date;
}

/**
 * Adds what an invocation has asked GitHub for to the run's account. Those of a batch have theirs in its progress. A
 * transaction, because DynamoDB knows one that the SDK sends twice and does not add it twice. What an invocation sent
 * that died before it came here is in no account.
 */
export async function addRequests(
  { table, now }: RequestsDependencies,
  id: JobExecutionId,
  used: RequestCounts,
): Promise<void> {
  const counts = Object.entries(used).filter(([, count]) => count > 0);
  if (counts.length === 0) return;
  const { expiresAt } = expiry(now());
  await transact(table, [
    {
      Update: {
        TableName: table.name,
        Key: KEYS.requests(id),
        UpdateExpression: `SET expiresAt = :expiresAt ADD ${counts.map(([kind]) => `#${kind} :${kind}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(counts.map(([kind]) => [`#${kind}`, kind])),
        ExpressionAttributeValues: {
          ':expiresAt': expiresAt,
          ...Object.fromEntries(counts.map(([kind, count]) => [`:${kind}`, count])),
        },
      },
    },
  ]);
}

/** What a run has asked GitHub for, in all its steps. */
export async function countRequests(table: Table, id: JobExecutionId): Promise<RequestCounts> {
  const row = (await getRow(table, KEYS.requests(id))) as Partial<RequestCounts> | undefined;
  let sum = sumRequests(NO_REQUESTS, { ...NO_REQUESTS, ...row });
  for await (const { requests } of readProgress(table, id)) sum = sumRequests(sum, requests);
  return sum;
}

/** Puts the forecast into the record of the run that it is of. */
export async function recordForecast(
  { table, now }: RequestsDependencies,
  id: JobExecutionId,
  forecast: Forecast,
): Promise<void> {
  await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: KEYS.execution(id),
      UpdateExpression: 'SET forecast = :forecast, lastUpdated = :now',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: { ':forecast': forecast, ':now': now().toISOString() },
    }),
  );
}
