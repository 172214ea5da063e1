import { type JobExecutionId, jobExecutionId } from '../shared/contract/ids.ts';

/**
 * The name of the execution of a job execution in Step Functions, which ends its ARN.
 * @param token makes it unique, even after an old table was restored. Letters and digits only.
 */
export const executionName = (id: JobExecutionId, token: string): string => `sync-${id}-${token}`;

/** @returns undefined for an execution whose name somebody else has chosen. */
export function idInName(executionArn: string): JobExecutionId | undefined {
  const [, digits] = /:sync-(\d+)-[A-Za-z0-9]+$/.exec(executionArn) ?? [];
  const id = Number(digits);
  return Number.isSafeInteger(id) && id > 0 ? jobExecutionId(id) : undefined;
}
