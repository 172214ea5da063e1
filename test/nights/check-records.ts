import { deepEqual, equal, ok } from 'node:assert/strict';
import { type JobExecution, readExecution } from '../../functions/executions/job-execution.ts';
import { KEYS } from '../../functions/executions/keys.ts';
import { readState } from '../../functions/executions/lock.ts';
import { ProgressCodec } from '../../functions/executions/progress.ts';
import { ERRORS } from '../../functions/shared/contract/errors.ts';
import { type JobExecutionId, jobExecutionId } from '../../functions/shared/contract/ids.ts';
import { OUTCOMES, type Outcome, REASONS } from '../../functions/shared/contract/job-execution.ts';
import type { Row } from '../../functions/shared/dynamodb.ts';
import { allRows } from '../support/dynamodb.ts';
import type { Scene } from './night.ts';

type Numbers = Record<Outcome, number>;

/** Errors of the run that are not ours: of Step Functions, of Lambda, and of people who stop a run. */
const KNOWN_ERRORS = [...Object.keys(ERRORS), 'Stopped', 'ScheduledRun', 'ExecutionDoesNotExist'];
const OF_AWS = /^(?:Lambda|Sandbox|Runtime|States)\./;

/** No lock is held, every record is closed, and every count is the number of rows that it stands for. */
export async function checkRecords({ tables, cloud }: Scene): Promise<JobExecution[]> {
  const { executionsTable } = tables;
  const { active, lastJobExecutionId } = await readState(executionsTable);
  equal(active, undefined, 'the lock is held');
  for (const { name, status } of cloud.stepFunctions.executions.values()) {
    ok(status !== 'RUNNING', `the execution ${name} is running`);
  }
  const rows = await allRows(executionsTable);
  const records: JobExecution[] = [];
  for (let id = 1; id <= lastJobExecutionId; id += 1) {
    const record = await readExecution(executionsTable, jobExecutionId(id));
    ok(record, `job execution ${id} has no record`);
    records.push(record);
    checkEnd(record);
    checkCounts(record, rows);
  }
  return records;
}

function checkEnd({ jobExecutionId: id, status, exitCode, exitMessage = '', ...record }: JobExecution): void {
  const end = `job execution ${id}: ${status}, ${exitCode}: ${exitMessage}`;
  ok(record.endTime !== undefined && exitCode !== undefined, `the record is open: ${end}`);
  if (status === 'COMPLETED') {
    ok(['COMPLETED', 'COMPLETED_WITH_FAILURES', 'INCOMPLETE_LISTING'].includes(exitCode), end);
    return;
  }
  ok(status === 'FAILED' || status === 'STOPPED', end);
  equal(exitCode, status, end);
  ok(isNamed(exitMessage), `an error without a name: ${end}`);
}

function isNamed(message: string): boolean {
  const [name = ''] = message.split(':');
  return KNOWN_ERRORS.includes(name) || OF_AWS.test(name);
}

/** The rows of a run: what each batch counted, and the outcomes of items. */
function checkCounts({ jobExecutionId: id, status, counts }: JobExecution, rows: readonly Row[]): void {
  const { pk } = KEYS.workingRows(id);
  const own = rows.filter((row) => row['pk'] === pk);
  const counted = sumOf(own.filter(({ sk }) => String(sk).startsWith('PROGRESS#')));
  const items = own.filter(({ sk }) => String(sk).startsWith('ITEM#'));
  for (const item of items) checkReason(id, item);
  for (const outcome of OUTCOMES) {
    const written = items.filter((item) => item['outcome'] === outcome).length;
    const text = `job execution ${id}: ${outcome}: ${counted[outcome]} counted, ${written} rows`;
    if (outcome === 'unchanged' || outcome === 'derived') ok(written <= counted[outcome], text);
    // The rows of a batch are written before its counts, and a run that was ended from outside may have neither.
    else if (status === 'COMPLETED') equal(written, counted[outcome], text);
    else ok(written >= counted[outcome], text);
  }
  if (status !== 'COMPLETED') return;
  ok(counts, `job execution ${id} has no counts`);
  const { created, updated, derived, unchanged, removed, deferred, failed } = counts;
  deepEqual(
    { created, updated, derived, unchanged, removed, deferred, failed },
    counted,
    `counts of job execution ${id}`,
  );
  const total = created + updated + derived + unchanged + deferred + failed;
  equal(counts.total, total, `total of job execution ${id}`);
}

function sumOf(progress: readonly Row[]): Numbers {
  const sums: Numbers = {
    created: 0,
    updated: 0,
    derived: 0,
    unchanged: 0,
    removed: 0,
    deferred: 0,
    failed: 0,
  };
  for (const row of progress) {
    const { outcomes } = ProgressCodec.parse(row);
    for (const outcome of OUTCOMES) sums[outcome] += outcomes[outcome];
  }
  return sums;
}

function checkReason(id: JobExecutionId, { outcome, reason, message, itemBankId }: Row): void {
  if (outcome !== 'failed' && outcome !== 'deferred') return;
  const text = `job execution ${id}, item bank id ${itemBankId}: ${outcome}, ${reason}: ${message}`;
  ok(
    REASONS.some((known) => known === reason),
    text,
  );
  if (reason === 'BATCH_FAILED') ok(isNamed(String(message)), `an error without a name: ${text}`);
}
