import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { itemSummary } from '../mirror/item-view.ts';
import { isTombstone } from '../mirror/mirror-rows.ts';
import { findItems as findRows, type ItemQuery } from '../mirror/read-mirror.ts';
import { createTable } from '../shared/clients.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import type { Table } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import { jsonAnswer, problemResponses } from '../shared/http.ts';
import { entryPoint } from '../shared/middleware.ts';
import * as z from '../shared/zod.ts';

// DynamoDB's limit for a partition key.
const MAX_KEY_BYTES = 2_048;

const key = z.string().check(
  z.trim(),
  z.minLength(1),
  z.refine((value) => Buffer.byteLength(value) <= MAX_KEY_BYTES),
);
const Query = z.union([
  z.strictObject({ itemId: key }),
  z.pipe(
    z.strictObject({ repository: key }),
    z.transform(({ repository }) => ({ repositoryName: repository })),
  ),
  z.strictObject({ stimulusId: key }),
]) satisfies z.ZodMiniType<ItemQuery>;

/**
 * `GET /items`: items by one of item id, repository name and stimulus id, which are what people know. Several items can
 * have the same item id or stimulus id.
 * @throws SyncError `RequestInvalid`, `RowTooNew`.
 */
export async function findItems(
  { itemsTable }: { itemsTable: Table },
  { queryStringParameters }: Pick<APIGatewayProxyEventV2, 'queryStringParameters'>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const query = Query.safeParse(queryStringParameters ?? {});
  if (!query.success) {
    throw new SyncError(
      'RequestInvalid',
      `give exactly one of itemId, repository and stimulusId, with 1 to ${MAX_KEY_BYTES} bytes`,
    );
  }
  const rows = await findRows(itemsTable, query.data);
  return jsonAnswer(200, { items: rows.filter((row) => !isTombstone(row)).map(itemSummary) });
}

export const handler = entryPoint(
  (env: Environment) => ({ itemsTable: createTable(readConfig(env, ['itemsTable']).itemsTable) }),
  findItems,
).use(problemResponses);
