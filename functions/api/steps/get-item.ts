import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Table } from '../../dynamodb.ts';
import { SyncError } from '../../errors.ts';
import { isTombstone } from '../../items/mirror-rows.ts';
import { readItem } from '../../items/read-mirror.ts';
import type { Invocation } from '../../runtime/entry-point.ts';
import { jsonTextAnswer, parseItemBankId } from '../../runtime/http.ts';
import { itemText } from './item-view.ts';

/** One item of the mirror, whole. */
export async function getItem(
  { items }: Invocation & { items: Table },
  event: Pick<APIGatewayProxyEventV2, 'pathParameters'>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const id = parseItemBankId(event);
  const stored = await readItem(items, id);
  if (stored && !isTombstone(stored.item)) return jsonTextAnswer(200, itemText(stored));
  throw new SyncError('ItemNotFound', `the mirror has no item of the item bank id ${id}`);
}
