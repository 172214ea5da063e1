import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { readState } from '../executions/lock.ts';
import { itemSummary, type ViewTime } from '../mirror/item-view.ts';
import { normalizeId } from '../mirror/json-values.ts';
import { isTombstone, type MirrorRow } from '../mirror/mirror-rows.ts';
import { findItems as findRows, type ItemQuery } from '../mirror/read-mirror.ts';
import { createTable } from '../shared/clients.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import { decodeCursor, encodeCursor } from '../shared/cursor.ts';
import type { Table } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import { jsonTextAnswer, problemResponses } from '../shared/http.ts';
import { entryPoint, type Invocation } from '../shared/middleware.ts';
import { fillPage, type PageElement, pageText } from '../shared/page.ts';
import { faultsOfUnknown, parsePage, type QueryParameters } from '../shared/parameters.ts';
import * as z from '../shared/zod.ts';

// DynamoDB's limit for a partition key.
const MAX_KEY_BYTES = 2_048;

const key = z.string().check(
  z.trim(),
  z.minLength(1),
  z.refine((value) => Buffer.byteLength(value) <= MAX_KEY_BYTES),
);
// The mirror has ids without leading zeros.
const id = z.pipe(
  key,
  z.transform((text) => normalizeId(text) ?? text),
);
const Query = z.union([
  z.strictObject({ itemId: id }),
  z.pipe(
    z.strictObject({ repository: key }),
    z.transform(({ repository }) => ({ repositoryName: repository })),
  ),
  z.strictObject({ stimulusId: id }),
]) satisfies z.ZodMiniType<ItemQuery>;
const FILTERS = ['itemId', 'repository', 'stimulusId'];
const FILTER_RULE = `give exactly one of ${FILTERS.join(', ')}, with 1 to ${MAX_KEY_BYTES} bytes`;

const LIMITS = { most: 100, byDefault: 100 };

interface ReadDependencies extends Pick<Invocation, 'now'> {
  itemsTable: Table;
  executionsTable: Table;
}

/**
 * `GET /items`: items by one of item id, repository name and stimulus id, which are what people know. Several items can
 * have the same item id or stimulus id. They are in the order of their item bank ids. A page has at most 100 of them and
 * 4 MB, but at least one item. `next` is the `cursor` of the next page, if there is one.
 * @throws SyncError `RequestInvalid`, `RowTooNew`.
 */
export async function findItems(
  { itemsTable, executionsTable, now }: ReadDependencies,
  { queryStringParameters }: Pick<APIGatewayProxyEventV2, 'queryStringParameters'>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { query, after, limit } = parseParameters(queryStringParameters ?? {});
  const { lastFullRun } = await readState(executionsTable);
  const time = { now: now(), lastFullRun: lastFullRun?.since };
  const page = await fillPage(elementsOf(findRows(itemsTable, query, after), time), { limit });
  const next = page.next === undefined ? undefined : encodeCursor(query, page.next);
  return jsonTextAnswer(200, pageText('items', page, { next }));
}

async function* elementsOf(rows: AsyncIterable<MirrorRow>, time: ViewTime): AsyncGenerator<PageElement> {
  for await (const row of rows) {
    if (isTombstone(row)) continue;
    yield { position: row.itemBankId, text: JSON.stringify(itemSummary(row, time)) };
  }
}

function parseParameters({ cursor, limit, ...filters }: QueryParameters) {
  const page = parsePage({ cursor, limit }, LIMITS);
  const query = Query.safeParse(filters);
  if (!query.success) {
    throw new SyncError('RequestInvalid', [...faultsOfUnknown(filters, FILTERS), FILTER_RULE].join('; '));
  }
  const after = page.cursor === undefined ? 0 : decodeCursor(query.data, page.cursor);
  return { query: query.data, after, limit: page.limit };
}

export const handler = entryPoint((env: Environment) => {
  const { itemsTable, jobExecutionsTable } = readConfig(env, ['itemsTable', 'jobExecutionsTable']);
  return { itemsTable: createTable(itemsTable), executionsTable: createTable(jobExecutionsTable) };
}, findItems).use(problemResponses);
