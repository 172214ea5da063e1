import type { JobExecutionId } from '../shared/contract/ids.ts';
import type { RunOptions } from '../shared/contract/job-execution.ts';
import { getRow, type Table, type TransactionAction, transact } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import { JobExecutionIdCodec, parseRow } from '../shared/rows.ts';
import * as z from '../shared/zod.ts';
import { type Ending, type JobExecution, RunOptionsCodec, readExecution } from './job-execution.ts';
import { KEYS } from './keys.ts';

/** The execution that holds the lock. */
export interface Lock {
  jobExecutionId: JobExecutionId;
  executionArn: string;
  status: 'STARTING' | 'STARTED';
  /** ISO 8601, when the lock was taken. */
  since: string;
  /** Kept here, because no input of a state machine is trusted. */
  options: RunOptions;
  /** Who requested a stop. The status in the lock does not change, because earlier releases accept no other ones. */
  stopRequestedBy?: string;
}

/** The one STATE row of the job: the last id, the lock, and what the completed runs leave to later ones. */
export interface JobState {
  lastJobExecutionId: number;
  /** How many runs have reached their end, not counting dry runs and restarts. */
  completedRuns?: number;
  /** The last run that compared the whole bank with the mirror. */
  lastFullRun?: Pick<Lock, 'jobExecutionId' | 'since'>;
  active?: Lock;
}

const StateCodec: z.ZodMiniType<JobState> = z.object({
  lastJobExecutionId: z.number(),
  completedRuns: z.exactOptional(z.number()),
  lastFullRun: z.exactOptional(z.object({ jobExecutionId: JobExecutionIdCodec, since: z.string() })),
  active: z.exactOptional(
    z.object({
      jobExecutionId: JobExecutionIdCodec,
      executionArn: z.string(),
      status: z.enum(['STARTING', 'STARTED']),
      since: z.string(),
      options: RunOptionsCodec,
      stopRequestedBy: z.exactOptional(z.string()),
    }),
  ),
});

/** @throws SyncError `RowInvalid`. */
export async function readState(executionsTable: Table): Promise<JobState> {
  const row = await getRow(executionsTable, KEYS.state());
  return row ? parseRow(StateCodec, row, 'the STATE row of the job') : { lastJobExecutionId: 0 };
}

export interface HeldLock extends Pick<Lock, 'options' | 'since'> {
  /** ISO 8601. */
  lastFullRun: string | undefined;
  /** Set once a stop was requested. */
  stopRequestedBy: string | undefined;
}

/**
 * The fence: every function calls it before it acts on behalf of an execution.
 * @returns the options of the run, since when it has held the lock, when the last full run began, and who requested a
 * stop, if anybody did.
 * @throws SyncError `ExecutionSuperseded` if another execution holds the lock, or none does.
 */
export async function assertHoldsLock(executionsTable: Table, executionArn: string): Promise<HeldLock> {
  const { active, lastFullRun } = await readState(executionsTable);
  if (active?.executionArn === executionArn) {
    const { options, since, stopRequestedBy } = active;
    return { options, since, stopRequestedBy, lastFullRun: lastFullRun?.since };
  }
  const holder = active ? `job execution ${active.jobExecutionId} holds it` : 'nobody holds it';
  throw new SyncError('ExecutionSuperseded', `${executionArn} does not hold the lock: ${holder}`);
}

export interface FinishDependencies {
  executionsTable: Table;
  now: () => Date;
}

/**
 * Ends the record and releases the lock in one transaction, if `executionArn` holds the lock.
 * @returns the ended record, or undefined if another execution holds the lock, or none does.
 */
export async function finishExecution(
  { executionsTable, now }: FinishDependencies,
  executionArn: string,
  ending: Ending,
): Promise<JobExecution | undefined> {
  const { active } = await readState(executionsTable);
  if (active?.executionArn !== executionArn) return undefined;
  const broken = await transact(executionsTable, [
    {
      Update: {
        TableName: executionsTable.name,
        Key: KEYS.state(),
        ConditionExpression: 'active.executionArn = :arn',
        ...releaseLock(active, ending),
      },
    },
    endRecord(executionsTable, active, { ...ending, endTime: now().toISOString() }),
  ]);
  return broken ? undefined : readExecution(executionsTable, active.jobExecutionId);
}

function releaseLock({ executionArn, jobExecutionId, since, options }: Lock, ending: Ending) {
  // A restart compares only a part of the bank, and the run that it restarts was counted if it reached its end.
  const isCounted = ending.status === 'COMPLETED' && !options.dryRun && options.restartOf === undefined;
  if (!isCounted) {
    return { UpdateExpression: 'REMOVE active', ExpressionAttributeValues: { ':arn': executionArn } };
  }
  const lastFullRun = ending.comparedBank && { ':run': { jobExecutionId, since } };
  return {
    UpdateExpression: `ADD completedRuns :one ${lastFullRun ? 'SET lastFullRun = :run ' : ''}REMOVE active`,
    ExpressionAttributeValues: { ':arn': executionArn, ':one': 1, ...lastFullRun },
  };
}

/**
 * The action that ends the record of the execution that holds the lock. It has no condition of its own: it belongs into
 * the transaction that takes the lock away, and the condition on the lock decides for both.
 */
export function endRecord(
  executionsTable: Table,
  { jobExecutionId }: Lock,
  { status, exitCode, exitMessage, counts, requests, stoppedBy, endTime }: Ending & { endTime: string },
): TransactionAction {
  return {
    Update: {
      TableName: executionsTable.name,
      Key: KEYS.execution(jobExecutionId),
      UpdateExpression: `SET #status = :status, exitCode = :exitCode, exitMessage = :exitMessage, endTime = :now,
        lastUpdated = :now${counts ? ', counts = :counts' : ''}${requests ? ', requests = :requests' : ''}${
          stoppedBy === undefined ? '' : ', stoppedBy = if_not_exists(stoppedBy, :stoppedBy)'
        }`,
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':status': status,
        ':exitCode': exitCode,
        ':exitMessage': exitMessage,
        ':now': endTime,
        ...(counts && { ':counts': counts }),
        ...(requests && { ':requests': requests }),
        ...(stoppedBy !== undefined && { ':stoppedBy': stoppedBy }),
      },
    },
  };
}
