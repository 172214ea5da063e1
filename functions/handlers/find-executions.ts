import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { summaryOf } from '../executions/execution-summary.ts';
import { type HistoryEntry, readHistory } from '../executions/history.ts';
import type { JobExecution } from '../executions/job-execution.ts';
import { jobExecutionId } from '../shared/contract/ids.ts';
import {
  BATCH_STATUSES,
  type BatchStatus,
  EXIT_CODES,
  type ExitCode,
  TRIGGERS,
  type Trigger,
} from '../shared/contract/job-execution.ts';
import { decodeCursor, encodeCursor } from '../shared/cursor.ts';
import { jsonTextAnswer, problemResponses } from '../shared/http.ts';
import { entryPoint } from '../shared/middleware.ts';
import { fillPage, logUnreadable, type PageElement, pageText, TIME_TO_ANSWER_MS } from '../shared/page.ts';
import { oneOf, parseFilters, parsePage, type QueryParameters } from '../shared/parameters.ts';
import * as z from '../shared/zod.ts';
import { type CloseDependencies, closeDependencies, closeIfEnded } from '../synchronization/close-ended.ts';

interface RunFilter {
  status: BatchStatus;
  /** Of `createTime`, in UTC. */
  day: string;
  trigger: Trigger;
  exitCode: ExitCode;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
// Date.parse moves a day that a month does not have into the next month.
const isDay = (text: string): boolean => {
  const at = new Date(`${text}T00:00:00Z`);
  return DAY.test(text) && !Number.isNaN(at.getTime()) && dayOf(at.toISOString()) === text;
};
const dayOf = (time: string): string => time.slice(0, 10);

const FILTERS = {
  status: oneOf(BATCH_STATUSES),
  day: { schema: z.string().check(z.refine(isDay)), rule: 'a date such as 2026-11-23' },
  trigger: oneOf(TRIGGERS),
  exitCode: oneOf(EXIT_CODES),
};
const LIMITS = { most: 100, byDefault: 20 };

/**
 * `GET /executions`: the runs, the newest first, filtered by status, day, trigger or exit code. If a record cannot be
 * read, the answer has the id of its run in `unreadable` and still has the others. The log says why. Closes the record
 * of the newest run if its execution ended without doing so.
 * @throws SyncError `RequestInvalid`.
 */
export async function findExecutions(
  dependencies: CloseDependencies,
  { queryStringParameters }: Pick<APIGatewayProxyEventV2, 'queryStringParameters'>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { executionsTable, now, log, remainingTimeMs } = dependencies;
  const { filter, before, limit } = parseParameters(queryStringParameters ?? {});
  const history = readHistory(executionsTable, before);
  const closed = before === undefined ? closingNewest(dependencies, history) : history;
  const found = findEntries(closed, filter, now());
  const isTimeOver = () => remainingTimeMs() < TIME_TO_ANSWER_MS;
  const page = await fillPage(found, { limit, isTimeOver });
  logUnreadable(log, page);
  const next = page.next === undefined ? undefined : encodeCursor(filter, page.next);
  return jsonTextAnswer(200, pageText('executions', page, { next }));
}

/** Only the newest run can be working. Older ones were closed before it was registered. */
async function* closingNewest(
  dependencies: CloseDependencies,
  history: AsyncIterable<HistoryEntry>,
): AsyncGenerator<HistoryEntry> {
  let isNewest = true;
  for await (const entry of history) {
    if (isNewest && entry.kind === 'run') {
      yield { ...entry, execution: await closeIfEnded(dependencies, entry.execution) };
    } else {
      yield entry;
    }
    isNewest = false;
  }
}

async function* findEntries(
  history: AsyncIterable<HistoryEntry>,
  filter: Partial<RunFilter>,
  now: Date,
): AsyncGenerator<PageElement | Pick<PageElement, 'position'>> {
  for await (const entry of history) {
    const position = entry.id;
    if (entry.kind === 'unreadable') {
      yield { position, text: String(position), fault: entry.fault };
      continue;
    }
    const { execution } = entry;
    if (filter.day !== undefined && isBefore(execution, filter.day)) return;
    if (matches(execution, filter)) yield { position, text: JSON.stringify(summaryOf(execution, now)) };
    else yield { position };
  }
}

function matches(execution: JobExecution, { day, ...others }: Partial<RunFilter>): boolean {
  if (day !== undefined && dayOf(execution.createTime) !== day) return false;
  return Object.entries(others).every(([name, value]) => execution[name as keyof typeof others] === value);
}

// If the clock of a function is slow, a run that is registered just after midnight can have a time before midnight.
const CLOCK_DIFFERENCE_MS = 60_000;

/** Whether this run and all older ones began before the day. */
const isBefore = ({ createTime }: JobExecution, day: string): boolean =>
  Date.parse(createTime) < Date.parse(day) - CLOCK_DIFFERENCE_MS;

function parseParameters({ cursor, limit, ...filters }: QueryParameters) {
  const page = parsePage({ cursor, limit }, LIMITS);
  const filter = parseFilters<RunFilter>(filters, FILTERS);
  const before = page.cursor === undefined ? undefined : jobExecutionId(decodeCursor(filter, page.cursor));
  return { filter, before, limit: page.limit };
}

export const handler = entryPoint(closeDependencies, findExecutions).use(problemResponses);
