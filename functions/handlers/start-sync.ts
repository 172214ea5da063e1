import type {
  APIGatewayProxyEventV2WithLambdaAuthorizer,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda';
import type { Caller } from '../auth/scopes.ts';
import type { RunOptions } from '../shared/contract/job-execution.ts';
import { JOB_NAME } from '../shared/contract/names.ts';
import type { StartSyncAnswer } from '../shared/contract/routes.ts';
import { jsonAnswer, locationOf, parseBody, problemResponses } from '../shared/http.ts';
import { entryPoint } from '../shared/middleware.ts';
import * as z from '../shared/zod.ts';
import { type StarterDependencies, starterDependencies, startRun } from '../synchronization/start-run.ts';

// Unknown options are rejected: ignoring a misspelt `dryRun` would start a run that writes.
const Body = z.strictObject({
  dryRun: z._default(z.boolean(), false),
  removalLimitPercent: z.optional(z.number().check(z.minimum(0), z.maximum(100))),
});

/**
 * `POST /sync`: registers and starts a run. Answers 202 with its job execution id, and its path in the header
 * `Location`.
 * @throws SyncError `RequestInvalid`, `JobExecutionAlreadyRunning`, `ExecutionNotStarted`.
 */
export async function startSync(
  dependencies: StarterDependencies,
  event: APIGatewayProxyEventV2WithLambdaAuthorizer<Caller>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { log } = dependencies;
  const { dryRun, removalLimitPercent } = parseBody(event, Body);
  const options: RunOptions = { dryRun, ...(removalLimitPercent !== undefined && { removalLimitPercent }) };
  const { subject: startedBy } = event.requestContext.authorizer.lambda;
  const { execution, ...start } = await startRun(dependencies, { trigger: 'api', startedBy, options });
  const { jobExecutionId, status, executionArn } = execution;
  log.appendKeys({ jobExecutionId });
  log.info('started by the API', { startedBy, ...start });
  const answer: StartSyncAnswer = {
    jobExecutionId,
    name: JOB_NAME,
    status,
    message: `Job execution ${jobExecutionId} was started${execution.options.dryRun ? ' as a dry run' : ''}`,
    executionArn,
  };
  return jsonAnswer(202, answer, locationOf(jobExecutionId));
}

export const handler = entryPoint(starterDependencies, startSync).use(problemResponses);
