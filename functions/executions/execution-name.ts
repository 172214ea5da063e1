import { type JobExecutionId, jobExecutionId } from '../shared/contract/ids.ts';

/**
 * The name of a job execution in Step Functions, which is the last part of its ARN.
 * @param token makes the name unique, even after an old table was restored. Letters and digits only.
 */
export const executionName = (id: JobExecutionId, token: string): string => `sync-${id}-${token}`;

/** @returns undefined if the name was not made by `executionName`, for example that of a start in the console. */
export function idInName(executionArn: string): JobExecutionId | undefined {
  const [, digits] = /:sync-(\d+)-[A-Za-z0-9]+$/.exec(executionArn) ?? [];
  const id = Number(digits);
  return Number.isSafeInteger(id) && id > 0 ? jobExecutionId(id) : undefined;
}
