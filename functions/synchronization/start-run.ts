import {
  type Start,
  type StartDependencies,
  type StartRequest,
  startDependencies,
  startExecution,
} from '../executions/start.ts';
import type { Environment } from '../shared/config.ts';
import type { Invocation } from '../shared/middleware.ts';
import { type EndDependencies, endDependencies, reportEnd } from './end-execution.ts';

export type StarterDependencies = EndDependencies & Omit<StartDependencies, 'reportEnd'>;

/** Dependencies of the functions that start runs. */
export const starterDependencies = (env: Environment): Omit<StarterDependencies, keyof Invocation> => ({
  ...startDependencies(env),
  ...endDependencies(env),
});

/**
 * Registers a run and starts it. If Step Functions refuses it, reports that it has ended, and with it the end of a run
 * whose lock it had taken over.
 * @throws SyncError `JobExecutionAlreadyRunning`, `ExecutionNotStarted`.
 */
export const startRun = (dependencies: StarterDependencies, request: StartRequest): Promise<Start> =>
  startExecution({ ...dependencies, reportEnd: (finished) => reportEnd(dependencies, finished) }, request);
