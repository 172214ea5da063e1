import type { JobExecutionId } from '../shared/contract/ids.ts';
import type { Table, TransactionAction } from '../shared/dynamodb.ts';
import type { Ending } from './job-execution.ts';
import { KEYS } from './keys.ts';

/**
 * Ends the record of an execution. It has no condition of its own: it goes into the transaction that takes the
 * lock away from that execution, and the lock's condition decides for both.
 */
export function endRecord(
  executionsTable: Table,
  id: JobExecutionId,
  { status, exitCode, exitMessage, counts, requests }: Ending,
  now: string,
): TransactionAction {
  return {
    Update: {
      TableName: executionsTable.name,
      Key: KEYS.execution(id),
      UpdateExpression: `SET #status = :status, exitCode = :exitCode, exitMessage = :exitMessage, endTime = :now,
        lastUpdated = :now${counts ? ', counts = :counts' : ''}${requests ? ', requests = :requests' : ''}`,
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':status': status,
        ':exitCode': exitCode,
        ':exitMessage': exitMessage,
        ':now': now,
        ...(counts && { ':counts': counts }),
        ...(requests && { ':requests': requests }),
      },
    },
  };
}
