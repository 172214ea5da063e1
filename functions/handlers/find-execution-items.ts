import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { ItemRow } from '../executions/item-result.ts';
import { type JobExecution, readRequestedExecution } from '../executions/job-execution.ts';
import { workingRowsKeptUntil } from '../executions/keys.ts';
import { type OutcomeEntry, type OutcomeFilter, readOutcomes } from '../executions/outcomes.ts';
import { readStaleItems } from '../mirror/stale-since.ts';
import { createTable } from '../shared/clients.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import { csvLine } from '../shared/contract/csv.ts';
import type { ExecutionItem } from '../shared/contract/executions.ts';
import { type ItemBankId, itemBankId, type JobExecutionId } from '../shared/contract/ids.ts';
import { OUTCOMES, REASONS } from '../shared/contract/job-execution.ts';
import { WEBHOOK_STATES } from '../shared/contract/webhooks.ts';
import { decodeCursor, encodeCursor } from '../shared/cursor.ts';
import type { Table } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import { jsonTextAnswer, parseJobExecutionId, problemResponses } from '../shared/http.ts';
import { entryPoint, type Invocation } from '../shared/middleware.ts';
import {
  type FilledPage,
  fillPage,
  logUnreadable,
  type PageElement,
  pageText,
  TIME_TO_ANSWER_MS,
} from '../shared/page.ts';
import { oneOf, parseFilters, parsePage, type QueryParameters } from '../shared/parameters.ts';

const FORMATS = ['json', 'csv'] as const;
type Format = (typeof FORMATS)[number];

const FILTERS = {
  outcome: oneOf(OUTCOMES),
  reason: oneOf(REASONS),
  webhook: oneOf(WEBHOOK_STATES),
  format: oneOf(FORMATS),
};
const LIMITS = { most: 1_000, byDefault: 100 };

interface FindDependencies extends Pick<Invocation, 'now' | 'log' | 'remainingTimeMs'> {
  executionsTable: Table;
  itemsTable: Table;
}

/**
 * `GET /executions/{jobExecutionId}/items`: what a run did to single ids, filtered by outcome, reason or webhook state,
 * as JSON or CSV. A page has at most 1,000 ids and 4 MB. The address of the next page is in the header `Link`; JSON
 * also has its cursor in `next`. A cursor is valid for both formats.
 * @throws SyncError `RequestInvalid`, `ExecutionNotFound`, `ExecutionItemsExpired`, `RowTooNew`, `RowInvalid`.
 */
export async function findExecutionItems(
  { executionsTable, itemsTable, now, log, remainingTimeMs }: FindDependencies,
  event: Pick<APIGatewayProxyEventV2, 'pathParameters' | 'queryStringParameters'>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { queryStringParameters: parameters = {} } = event;
  const id = parseJobExecutionId(event);
  const { filter, format, after, limit } = parseParameters(id, parameters);
  const itemsKeptUntil = keptItemsUntil(await readRequestedExecution(executionsTable, id), now());
  const entries = readOutcomes(executionsTable, id, { filter, after, limit });
  const isTimeOver = () => remainingTimeMs() < TIME_TO_ANSWER_MS;
  const dated = addSince(entries, { itemsTable, limit });
  const page = await fillPage(elementsOf(dated, TEXTS[format]), { limit, isTimeOver });
  logUnreadable(log, page);
  const next = page.next === undefined ? undefined : encodeCursor({ id, ...filter }, page.next);
  const answer =
    format === 'csv'
      ? csvAnswer(page)
      : jsonTextAnswer(200, pageText('items', page, { itemsKeptUntil, next }));
  const link = next !== undefined && { link: linkToNext(parameters, next) };
  return { ...answer, headers: { ...answer.headers, ...link } };
}

function parseParameters(id: JobExecutionId, parameters: QueryParameters) {
  const { cursor, limit, ...filters } = parameters;
  const page = parsePage({ cursor, limit }, LIMITS);
  const { format = 'json', ...filter } = parseFilters<OutcomeFilter & { format: Format }>(filters, FILTERS);
  const after =
    page.cursor === undefined ? undefined : itemBankId(decodeCursor({ id, ...filter }, page.cursor));
  return { filter, format, after, limit: page.limit };
}

/**
 * Once rows of the run may have been deleted, there is no list at all, because an empty one would mean that nothing
 * failed.
 * @returns ISO 8601.
 */
function keptItemsUntil({ jobExecutionId, createTime }: JobExecution, now: Date): string {
  const until = workingRowsKeptUntil({ createTime });
  const itemsKeptUntil = until.toISOString();
  if (now < until) return itemsKeptUntil;
  throw new SyncError(
    'ExecutionItemsExpired',
    `the outcomes of single item bank ids of job execution ${jobExecutionId} were kept until ${itemsKeptUntil}`,
    { details: { itemsKeptUntil } },
  );
}

/** A row of a run, and since when its item fails or is deferred. */
type DatedRow = ItemRow & { since?: string | undefined };
type DatedEntry = Exclude<OutcomeEntry, { kind: 'item' }> | { kind: 'item'; id: ItemBankId; item: DatedRow };

// BatchGetItem reads so many rows at once.
const ENTRIES_AT_ONCE = 100;

/**
 * Adds to each item that failed or was deferred since when that has been so. Only the mirror knows it.
 * @param range `limit` is how many entries the caller takes. Those after them are only read to know that there are any.
 */
async function* addSince(
  entries: AsyncIterable<OutcomeEntry>,
  { itemsTable, limit }: { itemsTable: Table; limit: number },
): AsyncGenerator<DatedEntry> {
  let taken = 0;
  for await (const group of inGroups(entries)) {
    const items = group.flatMap((entry) => (entry.kind === 'item' ? [entry.item] : []));
    const wanted = items.slice(0, limit - taken).filter(isLeft);
    taken = Math.min(limit, taken + items.length);
    const stale = await readStaleItems(
      itemsTable,
      wanted.map(({ itemBankId: id }) => id),
    );
    for (const entry of group) {
      if (entry.kind !== 'item' || !isLeft(entry.item)) yield entry;
      else yield { ...entry, item: { ...entry.item, since: stale.get(entry.id)?.since } };
    }
  }
}

const isLeft = ({ outcome }: ItemRow): boolean => outcome === 'failed' || outcome === 'deferred';

async function* inGroups(entries: AsyncIterable<OutcomeEntry>): AsyncGenerator<OutcomeEntry[]> {
  let group: OutcomeEntry[] = [];
  for await (const entry of entries) {
    group.push(entry);
    if (group.length < ENTRIES_AT_ONCE && entry.kind !== 'searched') continue;
    yield group;
    group = [];
  }
  yield group;
}

const CELLS: Readonly<Record<string, (row: DatedRow) => string | number | undefined>> = {
  itemBankId: (row) => row.itemBankId,
  repository: (row) => row.repositoryName,
  outcome: (row) => row.outcome,
  reason: (row) => row.reason,
  message: (row) => row.message,
  githubRequestId: (row) => row.githubRequestId,
  webhookFound: (row) => row.webhookFound,
  webhookLeft: (row) => row.webhookLeft,
  webhookReason: (row) => row.webhookFailure?.reason,
  webhookMessage: (row) => row.webhookFailure?.message,
  webhookGithubRequestId: (row) => row.webhookFailure?.githubRequestId,
  since: (row) => row.since,
};
const COLUMNS = Object.keys(CELLS);

/** How an element is written. */
interface Texts {
  item: (row: DatedRow) => string;
  unreadable: (id: ItemBankId) => string;
}

const TEXTS: Record<Format, Texts> = {
  json: {
    item: (row) => JSON.stringify(itemOf(row)),
    unreadable: (id) => String(id),
  },
  csv: {
    item: (row) => csvLine(Object.values(CELLS).map((cellOf) => cellOf(row))),
    unreadable: (id) => {
      const known: Record<string, string | number> = { itemBankId: id, message: 'this row cannot be read' };
      return csvLine(COLUMNS.map((column) => known[column]));
    },
  },
};

function itemOf({ repositoryName, webhookFound, webhookLeft, ...row }: DatedRow): ExecutionItem {
  const { itemBankId: id, outcome, reason, message, githubRequestId, webhookFailure, since } = row;
  return {
    itemBankId: id,
    repository: repositoryName,
    outcome,
    ...(reason && { reason }),
    ...(message !== undefined && { message }),
    ...(githubRequestId !== undefined && { githubRequestId }),
    ...(since !== undefined && { since }),
    webhookFound,
    webhookLeft,
    ...(webhookFailure && { webhookFailure }),
  };
}

async function* elementsOf(
  entries: AsyncIterable<DatedEntry>,
  texts: Texts,
): AsyncGenerator<PageElement | Pick<PageElement, 'position'>> {
  for await (const entry of entries) {
    const position = entry.id;
    if (entry.kind === 'item') yield { position, text: texts.item(entry.item) };
    else if (entry.kind === 'unreadable')
      yield { position, text: texts.unreadable(entry.id), fault: entry.fault };
    else yield { position };
  }
}

/** Each page is a whole file with a header line. */
const csvAnswer = ({ elements }: FilledPage): APIGatewayProxyStructuredResultV2 => ({
  statusCode: 200,
  headers: { 'content-type': 'text/csv; charset=utf-8' },
  body: [csvLine(COLUMNS), ...elements.map(({ text }) => text)].join(''),
});

/**
 * Relative to the address of the request, because the function knows neither its domain nor a path before the route.
 */
function linkToNext(parameters: QueryParameters, cursor: string): string {
  const given = Object.entries(parameters).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return `<?${new URLSearchParams({ ...Object.fromEntries(given), cursor })}>; rel="next"`;
}

export const handler = entryPoint((env: Environment) => {
  const { jobExecutionsTable, itemsTable } = readConfig(env, ['jobExecutionsTable', 'itemsTable']);
  return { executionsTable: createTable(jobExecutionsTable), itemsTable: createTable(itemsTable) };
}, findExecutionItems).use(problemResponses);
