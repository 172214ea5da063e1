import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { itemSummary } from '../mirror/item-view.ts';
import { isTombstone } from '../mirror/mirror-rows.ts';
import { findItems as findRows, type ItemQuery } from '../mirror/read-mirror.ts';
import type { Table } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import { jsonAnswer, problemResponses } from '../shared/http.ts';
import type { Invocation } from '../shared/middleware.ts';
import { entryPoint } from '../shared/middleware.ts';
import * as z from '../shared/zod.ts';
import { mirrorDependencies } from './dependencies.ts';

// Where DynamoDB ends a key.
const MOST_BYTES = 2_048;

const key = z.string().check(
  z.trim(),
  z.minLength(1),
  z.refine((value) => Buffer.byteLength(value) <= MOST_BYTES),
);
/** One of them: people know items by their ids and names, not by those that GitHub gives. */
const Query = z.union([
  z.strictObject({ itemId: key }),
  z.pipe(
    z.strictObject({ repository: key }),
    z.transform(({ repository }) => ({ repositoryName: repository })),
  ),
  z.strictObject({ stimulusId: key }),
]) satisfies z.ZodMiniType<ItemQuery>;

/** Items by what people know of them; several items can have the same item id or stimulus. */
export async function findItems(
  { itemsTable }: Invocation & { itemsTable: Table },
  { queryStringParameters }: Pick<APIGatewayProxyEventV2, 'queryStringParameters'>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const query = Query.safeParse(queryStringParameters ?? {});
  if (!query.success) {
    throw new SyncError(
      'RequestInvalid',
      `ask by one of itemId, repository and stimulusId, with 1 to ${MOST_BYTES} bytes`,
    );
  }
  const rows = await findRows(itemsTable, query.data);
  return jsonAnswer(200, { items: rows.filter((row) => !isTombstone(row)).map(itemSummary) });
}

export const handler = entryPoint(mirrorDependencies, findItems).use(problemResponses);
