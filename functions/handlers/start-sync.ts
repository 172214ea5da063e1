import type {
  APIGatewayProxyEventV2WithLambdaAuthorizer,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda';
import { type StartDependencies, startExecution } from '../executions/start.ts';
import type { RunOptions } from '../shared/contract/job-execution.ts';
import { JOB_NAME } from '../shared/contract/names.ts';
import type { StartSyncAnswer } from '../shared/contract/routes.ts';
import { jsonAnswer, parseBody, problemResponses } from '../shared/http.ts';
import type { Invocation } from '../shared/middleware.ts';
import { entryPoint } from '../shared/middleware.ts';
import * as z from '../shared/zod.ts';
import type { Caller } from './authorize.ts';
import { startDependencies } from './dependencies.ts';

// Strict: an option that a caller misspells must not be passed over, for it could have been the dry run.
const Body = z.strictObject({
  dryRun: z._default(z.boolean(), false),
  removalLimitPercent: z.optional(z.number().check(z.minimum(0), z.maximum(100))),
});

export async function startSync(
  dependencies: Invocation & StartDependencies,
  event: APIGatewayProxyEventV2WithLambdaAuthorizer<Caller>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { dryRun, removalLimitPercent } = parseBody(event, Body);
  const options: RunOptions = { dryRun, ...(removalLimitPercent !== undefined && { removalLimitPercent }) };
  const { subject } = event.requestContext.authorizer.lambda;
  const { execution, ...start } = await startExecution(dependencies, {
    trigger: 'api',
    startedBy: subject,
    options,
  });
  const { jobExecutionId, status, executionArn } = execution;
  dependencies.log.appendKeys({ jobExecutionId });
  dependencies.log.info('registered and started by the API', { startedBy: subject, ...start });
  const answer: StartSyncAnswer = {
    jobExecutionId,
    name: JOB_NAME,
    status,
    message: `Job execution ${jobExecutionId} was started${execution.options.dryRun ? ' as a dry run' : ''}`,
    executionArn,
  };
  return jsonAnswer(202, answer);
}

export const handler = entryPoint(startDependencies, startSync).use(problemResponses);
