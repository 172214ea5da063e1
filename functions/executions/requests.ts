import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { JobExecutionId } from '../shared/contract/ids.ts';
import type { Forecast, RequestCounts } from '../shared/contract/requests.ts';
import { getRow, type Table, transact } from '../shared/dynamodb.ts';
import { parseRow, withFormerNames } from '../shared/rows.ts';
import * as z from '../shared/zod.ts';
import { expiry, KEYS } from './keys.ts';

interface RequestsDependencies {
  executionsTable: Table;
  now: () => Date;
}

// DynamoDB's ADD creates an attribute only when it is first counted.
const count = z._default(z.number(), 0);
export const RequestCountsCodec: z.ZodMiniType<RequestCounts> = z.object({
  reads: count,
  writes: count,
  queries: count,
  queryMs: count,
  refused: count,
});

const HourQuotaCodec = z.object({
  limit: z.number(),
  remaining: z.number(),
  reserved: z.number(),
  resetAt: z.string(),
});

export const ForecastCodec: z.ZodMiniType<Forecast> = withFormerNames(
  { webhookLooks: 'webhookChecks' },
  z.object({
    webhookShare: z.number(),
    webhookChecks: z.number(),
    requests: z.object({ reads: z.number(), queries: z.number() }),
    seconds: z.exactOptional(z.number()),
    quota: z.exactOptional(z.object({ rest: HourQuotaCodec, graphql: z.exactOptional(HourQuotaCodec) })),
  }),
);

/**
 * Adds the requests of an invocation to the REQUESTS row of the run. The invocations of a batch record theirs with its
 * progress. A transaction, because DynamoDB does not apply it twice when the SDK sends it twice. Requests of an
 * invocation that dies before it gets here are not counted.
 */
export async function addRequests(
  { executionsTable, now }: RequestsDependencies,
  id: JobExecutionId,
  used: RequestCounts,
): Promise<void> {
  const counts = Object.entries(used).filter(([, added]) => added > 0);
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
          ...Object.fromEntries(counts.map(([kind, added]) => [`:${kind}`, added])),
        },
      },
    },
  ]);
}

/** Reads what `addRequests` has added up: the requests of all steps but the batches. */
export async function readRequests(executionsTable: Table, id: JobExecutionId): Promise<RequestCounts> {
  const row = await getRow(executionsTable, KEYS.requests(id));
  return parseRow(RequestCountsCodec, row ?? {}, `the REQUESTS row of job execution ${id}`);
}

/** Puts the forecast of a run into its record. */
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
