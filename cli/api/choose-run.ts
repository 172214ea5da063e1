import { ExpectedFailure } from '../expected-failure.ts';
import type { ExecutionSummary } from './answers.ts';
import type { Api } from './client.ts';
import { findExecutions, hasEnded } from './executions.ts';

/** The run that a command without an id refers to. @throws ExpectedFailure if there has been none. */
export async function newestRun(api: Api): Promise<number> {
  const newest = await findNewest(api);
  if (newest !== undefined) return newest.jobExecutionId;
  throw new ExpectedFailure('There has been no run yet. Start one: item-sync start');
}

/** @throws ExpectedFailure if no run is working. Only one works at a time, and it is the newest. */
export async function workingRun(api: Api): Promise<ExecutionSummary> {
  const newest = await findNewest(api);
  if (newest !== undefined && !hasEnded(newest)) return newest;
  throw new ExpectedFailure('No run is working, so there is nothing to end.');
}

async function findNewest(api: Api): Promise<ExecutionSummary | undefined> {
  const { executions, unreadable } = await findExecutions(api, {}, 1);
  if (unreadable.length === 0) return executions[0];
  // Runs that cannot be read come before the one that was found, if there is one.
  throw new ExpectedFailure('The record of the newest run cannot be read. Give the id of another run.');
}
