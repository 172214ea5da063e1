import { type Table, transact } from '../shared/dynamodb.ts';
import type { Ending, JobExecution } from './job-execution.ts';
import { KEYS } from './keys.ts';
import { readExecution, readState } from './lock.ts';
import { endRecord } from './record.ts';

export interface FinishDependencies {
  executionsTable: Table;
  now: () => Date;
}

/**
 * Ends the record and gives the lock back, in one transaction, if the lock names `executionArn`.
 * @returns the record as it ended, or undefined when the lock names another execution or nobody.
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
        UpdateExpression: 'REMOVE active',
        ConditionExpression: 'active.executionArn = :arn',
        ExpressionAttributeValues: { ':arn': executionArn },
      },
    },
    endRecord(executionsTable, active.jobExecutionId, ending, now().toISOString()),
  ]);
  return broken ? undefined : readExecution(executionsTable, active.jobExecutionId);
}
