import { ExpectedFailure } from '../expected-failure.ts';
import type { ExecutionSummary } from './answers.ts';
import type { Api } from './client.ts';
import { findExecutions, hasEnded } from './executions.ts';

/** The run that a command without an id refers to. @throws ExpectedFailure if there has been none. */
export async function newestRun(api: Api): Promise<number> {
  const { executions, unreadable } = await findExecutions(api, {}, 1);
  const [newest] = executions;
  if (newest !== undefined) return newest.jobExecutionId;
  throw new ExpectedFailure(
    unreadable.length > 0
      ? 'The record of the newest run cannot be read. Give the id of another run.'
      : 'There has been no run yet. Start one: item-sync start',
  );
}

/** @throws ExpectedFailure if no run is working. Only one works at a time, and it is the newest. */
export async function workingRun(api: Api): Promise<ExecutionSummary> {
  const { executions } = await findExecutions(api, {}, 1);
  const [newest] = executions;
  if (newest !== undefined && !hasEnded(newest)) return newest;
  throw new ExpectedFailure('No run is working, so there is nothing to end.');
}
