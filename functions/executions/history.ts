import { type JobExecutionId, jobExecutionId } from '../shared/contract/ids.ts';
import { queryPages, type Row, type Table } from '../shared/dynamodb.ts';
import { isSyncError, type SyncError } from '../shared/errors.ts';
import { type JobExecution, parseExecution } from './job-execution.ts';
import { KEYS } from './keys.ts';

/** An element of the history: the record of a run, or the reason why this release cannot read it. */
export type HistoryEntry =
  | { kind: 'run'; id: JobExecutionId; execution: JobExecution }
  | { kind: 'unreadable'; id: JobExecutionId; fault: SyncError };

// A record has 1 to 3 KB, most of it its exit message.
const ROWS_AT_ONCE = 100;

/** Reads the records of runs, the newest first: all of them, or those with ids below `before`. */
export async function* readHistory(
  executionsTable: Table,
  before?: JobExecutionId,
): AsyncGenerator<HistoryEntry> {
  const { pk } = KEYS.state();
  const pages = queryPages(executionsTable, {
    partition: { pk },
    prefix: 'EXECUTION#',
    isBackwards: true,
    after: before === undefined ? undefined : KEYS.execution(before),
    pageRows: ROWS_AT_ONCE,
  });
  for await (const { rows } of pages) yield* rows.map(entryOf);
}

function entryOf(row: Row): HistoryEntry {
  const id = jobExecutionId(Number(String(row['sk']).split('#').at(-1)));
  try {
    return { kind: 'run', id, execution: parseExecution(row, id) };
  } catch (error) {
    if (!isSyncError(error, 'RowTooNew') && !isSyncError(error, 'RowInvalid')) throw error;
    return { kind: 'unreadable', id, fault: error };
  }
}
