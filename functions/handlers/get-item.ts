import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { itemText } from '../mirror/item-view.ts';
import { isTombstone } from '../mirror/mirror-rows.ts';
import { readItem } from '../mirror/read-mirror.ts';
import type { Table } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import { jsonTextAnswer, parseItemBankId, problemResponses } from '../shared/http.ts';
import type { Invocation } from '../shared/middleware.ts';
import { entryPoint } from '../shared/middleware.ts';
import { mirrorDependencies } from './dependencies.ts';

/** One item of the mirror, whole. */
export async function getItem(
  { itemsTable }: Invocation & { itemsTable: Table },
  event: Pick<APIGatewayProxyEventV2, 'pathParameters'>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const id = parseItemBankId(event);
  const stored = await readItem(itemsTable, id);
  if (stored && !isTombstone(stored.item)) return jsonTextAnswer(200, itemText(stored));
  throw new SyncError('ItemNotFound', `the mirror has no item of the item bank id ${id}`);
}

export const handler = entryPoint(mirrorDependencies, getItem).use(problemResponses);
