import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { readState } from '../executions/lock.ts';
import { itemSummary } from '../mirror/item-view.ts';
import { normalizeId } from '../mirror/json-values.ts';
import { isTombstone } from '../mirror/mirror-rows.ts';
import { findItems as findRows, type ItemQuery } from '../mirror/read-mirror.ts';
import { createTable } from '../shared/clients.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import { decodeCursor, encodeCursor } from '../shared/cursor.ts';
import type { Table } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import { jsonTextAnswer, problemResponses } from '../shared/http.ts';
import { entryPoint, type Invocation } from '../shared/middleware.ts';
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

const wholeNumber = (least: number, most: number) =>
  z.pipe(
    z.string().check(z.regex(/^\d+$/)),
    z.pipe(z.transform(Number), z.number().check(z.minimum(least), z.maximum(most))),
  );
const MAX_PAGE_ITEMS = 100;
const Page = z.object({
  /** The `next` of the page before. */
  cursor: z.exactOptional(z.string()),
  limit: z._default(wholeNumber(1, MAX_PAGE_ITEMS), MAX_PAGE_ITEMS),
});

/** Callers see the names, and the log has them. */
const MAX_NAME_CHARACTERS = 100;
// Lambda answers at most 6 MB, and base64 or escaping can add to a text.
const MAX_PAGE_BYTES = 4_000_000;

interface ReadDependencies extends Pick<Invocation, 'now'> {
  itemsTable: Table;
  executionsTable: Table;
}

/**
 * `GET /items`: items by one of item id, repository name and stimulus id, which are what people know. Several items can
 * have the same item id or stimulus id. They are in the order of their item bank ids. A page has at most 100 of them and
 * 4 MB, but at least one item. `next` is the
 * `cursor` of the next page, if there is one.
 * @throws SyncError `RequestInvalid`, `RowTooNew`.
 */
export async function findItems(
  { itemsTable, executionsTable, now }: ReadDependencies,
  { queryStringParameters }: Pick<APIGatewayProxyEventV2, 'queryStringParameters'>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { query, after, limit } = parseParameters(queryStringParameters ?? {});
  const { lastFullRun } = await readState(executionsTable);
  const items: string[] = [];
  let bytes = 0;
  const time = { now: now(), lastFullRun: lastFullRun?.since };
  let last = after;
  let next: string | undefined;
  for await (const row of findRows(itemsTable, query, last)) {
    if (isTombstone(row)) continue;
    const item = JSON.stringify(itemSummary(row, time));
    bytes += Buffer.byteLength(item);
    if (items.length === limit || (items.length > 0 && bytes > MAX_PAGE_BYTES)) {
      next = encodeCursor(query, last);
      break;
    }
    items.push(item);
    last = row.itemBankId;
  }
  return jsonTextAnswer(200, `{"items":[${items.join()}]${next === undefined ? '' : `,"next":"${next}"`}}`);
}

function parseParameters({ cursor, limit, ...filters }: Record<string, string | undefined>) {
  const page = Page.safeParse({ ...(cursor !== undefined && { cursor }), limit });
  if (!page.success) {
    throw new SyncError('RequestInvalid', `limit must be a number from 1 to ${MAX_PAGE_ITEMS}`);
  }
  const query = Query.safeParse(filters);
  if (!query.success) {
    const unknown = Object.keys(filters).filter((name) => !FILTERS.includes(name));
    const names = unknown.map((name) => `unknown parameter ${name.slice(0, MAX_NAME_CHARACTERS)}`);
    throw new SyncError('RequestInvalid', [...names, FILTER_RULE].join('; '));
  }
  const { data } = page;
  const after = data.cursor === undefined ? 0 : decodeCursor(query.data, data.cursor);
  return { query: query.data, after, limit: data.limit };
}

export const handler = entryPoint((env: Environment) => {
  const { itemsTable, jobExecutionsTable } = readConfig(env, ['itemsTable', 'jobExecutionsTable']);
  return { itemsTable: createTable(itemsTable), executionsTable: createTable(jobExecutionsTable) };
}, findItems).use(problemResponses);
