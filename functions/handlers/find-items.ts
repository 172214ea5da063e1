import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { readState } from '../executions/lock.ts';
import { itemSummary } from '../mirror/item-view.ts';
import { isTombstone } from '../mirror/mirror-rows.ts';
import { findItems as findRows, type ItemQuery } from '../mirror/read-mirror.ts';
import { createTable } from '../shared/clients.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import type { Table } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import { jsonTextAnswer, problemResponses } from '../shared/http.ts';
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
const FILTERS = ['itemId', 'repository', 'stimulusId'];
const FILTER_RULE = `give exactly one of ${FILTERS.join(', ')}, with 1 to ${MAX_KEY_BYTES} bytes`;

const wholeNumber = (least: number, most: number) =>
  z.pipe(
    z.string().check(z.regex(/^\d+$/)),
    z.pipe(z.transform(Number), z.number().check(z.minimum(least), z.maximum(most))),
  );
const MAX_PAGE_ITEMS = 100;
const Page = z.object({
  /** The `next` of the page before: its last item bank id. */
  cursor: z._default(wholeNumber(0, Number.MAX_SAFE_INTEGER), 0),
  limit: z._default(wholeNumber(1, MAX_PAGE_ITEMS), MAX_PAGE_ITEMS),
});

/** Callers see the names, and the log has them. */
const MAX_NAME_CHARACTERS = 100;
// Lambda answers at most 6 MB, and base64 or escaping can add to a text.
const MAX_PAGE_BYTES = 4_000_000;

/**
 * `GET /items`: items by one of item id, repository name and stimulus id, which are what people know. Several items can
 * have the same item id or stimulus id. A page has at most 100 of them and 4 MB, but at least one item. `next` is the
 * `cursor` of the next page, if there is one.
 * @throws SyncError `RequestInvalid`, `RowTooNew`.
 */
export async function findItems(
  { itemsTable, executionsTable }: { itemsTable: Table; executionsTable: Table },
  { queryStringParameters }: Pick<APIGatewayProxyEventV2, 'queryStringParameters'>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { query, cursor, limit } = parseParameters(queryStringParameters ?? {});
  const { lastFullRun } = await readState(executionsTable);
  const items: string[] = [];
  let bytes = 0;
  let last = cursor;
  let next: string | undefined;
  for await (const row of findRows(itemsTable, query, last)) {
    if (isTombstone(row)) continue;
    const item = JSON.stringify(itemSummary(row, lastFullRun?.since));
    bytes += Buffer.byteLength(item);
    if (items.length === limit || (items.length > 0 && bytes > MAX_PAGE_BYTES)) {
      next = String(last);
      break;
    }
    items.push(item);
    last = row.itemBankId;
  }
  return jsonTextAnswer(200, `{"items":[${items.join()}]${next === undefined ? '' : `,"next":"${next}"`}}`);
}

function parseParameters({ cursor, limit, ...filters }: Record<string, string | undefined>) {
  const page = Page.safeParse({ cursor, limit });
  if (!page.success) {
    const name = page.error.issues[0]?.path[0];
    const rule = name === 'limit' ? `a number from 1 to ${MAX_PAGE_ITEMS}` : 'the `next` of the page before';
    throw new SyncError('RequestInvalid', `${String(name)} must be ${rule}`);
  }
  const query = Query.safeParse(filters);
  if (!query.success) {
    const unknown = Object.keys(filters).filter((name) => !FILTERS.includes(name));
    const names = unknown.map((name) => `unknown parameter ${name.slice(0, MAX_NAME_CHARACTERS)}`);
    throw new SyncError('RequestInvalid', [...names, FILTER_RULE].join('; '));
  }
  return { query: query.data, ...page.data };
}

export const handler = entryPoint((env: Environment) => {
  const { itemsTable, jobExecutionsTable } = readConfig(env, ['itemsTable', 'jobExecutionsTable']);
  return { itemsTable: createTable(itemsTable), executionsTable: createTable(jobExecutionsTable) };
}, findItems).use(problemResponses);
