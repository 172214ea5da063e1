import { KEYS, RECORDS_VERSION } from '../../functions/executions/keys.ts';
import { jobExecutionId } from '../../functions/shared/contract/ids.ts';
import { JOB_NAME } from '../../functions/shared/contract/names.ts';
import type { Row } from '../../functions/shared/dynamodb.ts';
import { executionArn } from './executions.ts';

/** The record of a run as `POST /sync` registers it, with the given attributes replaced. */
export function recordOf(id: number, attributes: Row = {}): Row {
  return {
    ...KEYS.execution(jobExecutionId(id)),
    schemaVersion: RECORDS_VERSION,
    name: JOB_NAME,
    jobExecutionId: id,
    status: 'STARTING',
    trigger: 'api',
    startedBy: 'alice',
    options: { dryRun: false },
    executionArn: executionArn(`sync-${id}-token`),
    createTime: '2026-11-23T09:00:00.000Z',
    lastUpdated: '2026-11-23T09:00:00.000Z',
    ...attributes,
  };
}
