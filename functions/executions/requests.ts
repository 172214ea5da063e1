import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { JobExecutionId } from '../shared/contract/ids.ts';
import { type Forecast, NO_REQUESTS, type RequestCounts, sumRequests } from '../shared/contract/requests.ts';
import { getRow, type Table, transact } from '../shared/dynamodb.ts';
import { KEYS } from './keys.ts';
import { readProgress } from './progress.ts';
import { expiry } from './working-rows.ts';

interface RequestsDependencies {
  executionsTable: Table;
  now: () => Date;
}

/**
 * Adds what an invocation has asked GitHub for to the run's account. Those of a batch have theirs in its progress. A
 * transaction, because DynamoDB knows one that the SDK sends twice and does not add it twice. What an invocation sent
 * that died before it came here is in no account.
 */
export async function addRequests(
  { executionsTable, now }: RequestsDependencies,
  id: JobExecutionId,
  used: RequestCounts,
): Promise<void> {
  const counts = Object.entries(used).filter(([, count]) => count > 0);
  if (counts.length === 0) return;
  const { expiresAt } = expiry(now());
  await transact(executionsTable, [
    {
      Update: {
        TableName: executionsTable.name,
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
export async function countRequests(executionsTable: Table, id: JobExecutionId): Promise<RequestCounts> {
  const row = (await getRow(executionsTable, KEYS.requests(id))) as Partial<RequestCounts> | undefined;
  let sum = sumRequests(NO_REQUESTS, { ...NO_REQUESTS, ...row });
  for await (const { requests } of readProgress(executionsTable, id)) sum = sumRequests(sum, requests);
  return sum;
}

/** Puts the forecast into the record of the run that it is of. */
export async function recordForecast(
  { executionsTable, now }: RequestsDependencies,
  id: JobExecutionId,
  forecast: Forecast,
): Promise<void> {
  await executionsTable.client.send(
    new UpdateCommand({
      TableName: executionsTable.name,
      Key: KEYS.execution(id),
      UpdateExpression: 'SET forecast = :forecast, lastUpdated = :now',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: { ':forecast': forecast, ':now': now().toISOString() },
    }),
  );
}
