import type {
  APIGatewayProxyEventV2WithLambdaAuthorizer,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda';
import type { Caller } from '../auth/scopes.ts';
import { type JobExecution, readRequestedExecution } from '../executions/job-execution.ts';
import { workingRowsKeptUntil } from '../executions/keys.ts';
import { findEndingBy } from '../executions/liveness.ts';
import { readState } from '../executions/lock.ts';
import { alreadyRunning } from '../executions/register.ts';
import type { JobExecutionId } from '../shared/contract/ids.ts';
import { JOB_NAME } from '../shared/contract/names.ts';
import type { RestartAnswer } from '../shared/contract/routes.ts';
import { SyncError } from '../shared/errors.ts';
import { jsonAnswer, locationOf, parseJobExecutionId, problemResponses } from '../shared/http.ts';
import { entryPoint } from '../shared/middleware.ts';
import { closeRecord } from '../synchronization/end-execution.ts';
import { findListedRun, hasLeftWork } from '../synchronization/left-work.ts';
import { type StarterDependencies, starterDependencies, startRun } from '../synchronization/start-run.ts';

/**
 * `POST /executions/{jobExecutionId}/restart`: starts a run of what an ended run left, and answers 202 with the id of
 * the new run. If the run was restarted before, the answer has the id of that restart.
 * @throws SyncError `RequestInvalid`, `ExecutionNotFound`, `JobExecutionAlreadyRunning`, `NothingToRestart`,
 * `ExecutionNotStarted`, `RowTooNew`.
 */
export async function restartExecution(
  dependencies: StarterDependencies,
  event: APIGatewayProxyEventV2WithLambdaAuthorizer<Caller>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { log } = dependencies;
  const restartOf = parseJobExecutionId(event);
  const former = await endedExecution(dependencies, restartOf);
  if (former.restartedBy === undefined) await assertWorkLeft(dependencies, former);
  const { subject: startedBy } = event.requestContext.authorizer.lambda;
  const { execution, ...start } = await startRun(dependencies, {
    trigger: 'api',
    startedBy,
    options: { dryRun: former.options.dryRun, restartOf },
  });
  const { jobExecutionId, status, executionArn } = execution;
  log.appendKeys({ jobExecutionId });
  if (start.kind === 'started') log.info('started by the API', { startedBy, restartOf, ...start });
  const answer: RestartAnswer = {
    jobExecutionId,
    name: JOB_NAME,
    status,
    message: sentenceOn(execution, restartOf),
    executionArn,
    restartOf,
  };
  return jsonAnswer(202, answer, locationOf(jobExecutionId));
}

function sentenceOn(
  { jobExecutionId: id, exitCode, options }: JobExecution,
  restartOf: JobExecutionId,
): string {
  if (exitCode !== undefined) {
    return `Job execution ${id}, which restarted job execution ${restartOf}, has ended: ${exitCode}. Restart it to do what it left`;
  }
  const dryRun = options.dryRun ? ' as a dry run' : '';
  return `Job execution ${id} was started${dryRun} with the item bank ids that job execution ${restartOf} left`;
}

/**
 * Reads the record of a run that has ended. If its execution ended without closing the record, closes it first.
 * @throws SyncError `ExecutionNotFound`; `JobExecutionAlreadyRunning` if the run has not ended.
 */
async function endedExecution(dependencies: StarterDependencies, id: JobExecutionId): Promise<JobExecution> {
  const { executionsTable, stepFunctions, now } = dependencies;
  const execution = await readRequestedExecution(executionsTable, id);
  if (execution.exitCode !== undefined) return execution;
  const { active } = await readState(executionsTable);
  if (active?.jobExecutionId === id) {
    const ending = await findEndingBy(stepFunctions, now)(active);
    if (!ending) throw alreadyRunning(active);
    await closeRecord(dependencies, active.executionArn, ending);
  }
  return readRequestedExecution(executionsTable, id);
}

const INSTEAD = 'POST /sync starts a run of the whole bank';

/** @throws SyncError `NothingToRestart`. */
async function assertWorkLeft(
  { executionsTable, now }: StarterDependencies,
  former: JobExecution,
): Promise<void> {
  const { jobExecutionId: id } = former;
  const nothing = (why: string) =>
    new SyncError('NothingToRestart', `job execution ${id} ${why}; ${INSTEAD}`);
  const listed = await findListedRun(executionsTable, former);
  const created = listed?.execution ?? former;
  if (now() >= workingRowsKeptUntil(created)) throw nothing('is so old that what it left is no longer known');
  if (!listed) throw nothing('ended before it listed the item bank');
  if (!(await hasLeftWork(executionsTable, listed))) throw nothing('left nothing to do');
}

export const handler = entryPoint(starterDependencies, restartExecution).use(problemResponses);
