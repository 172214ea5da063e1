import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { readState } from '../executions/lock.ts';
import { readLinks } from '../mirror/item-links.ts';
import { itemText } from '../mirror/item-view.ts';
import { isTombstone } from '../mirror/mirror-rows.ts';
import { readItem } from '../mirror/read-mirror.ts';
import { createTable } from '../shared/clients.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import type { Table } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import { jsonTextAnswer, parseItemBankId, problemResponses } from '../shared/http.ts';
import { entryPoint, type Invocation } from '../shared/middleware.ts';

interface ReadDependencies extends Pick<Invocation, 'now'> {
  itemsTable: Table;
  executionsTable: Table;
}

/**
 * `GET /items/{itemBankId}`: one item of the mirror with its keywords, its revisions and its item.json.
 * @throws SyncError `RequestInvalid`, `ItemNotFound`, `RowTooNew`.
 */
export async function getItem(
  { itemsTable, executionsTable, now }: ReadDependencies,
  event: Pick<APIGatewayProxyEventV2, 'pathParameters'>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const id = parseItemBankId(event);
  const [stored, { lastFullRun }] = await Promise.all([readItem(itemsTable, id), readState(executionsTable)]);
  if (!stored || isTombstone(stored.item)) {
    throw new SyncError('ItemNotFound', `the mirror has no item with the item bank id ${id}`);
  }
  const links = await readLinks(itemsTable, stored.item);
  return jsonTextAnswer(200, itemText(stored, links, { now: now(), lastFullRun: lastFullRun?.since }));
}

export const handler = entryPoint((env: Environment) => {
  const { itemsTable, jobExecutionsTable } = readConfig(env, ['itemsTable', 'jobExecutionsTable']);
  return { itemsTable: createTable(itemsTable), executionsTable: createTable(jobExecutionsTable) };
}, getItem).use(problemResponses);
