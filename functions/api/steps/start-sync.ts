import type {
  APIGatewayProxyEventV2WithLambdaAuthorizer,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda';
import { JOB_NAME, type StartSyncAnswer } from '../../contract.ts';
import { type StartDependencies, startExecution } from '../../executions/start.ts';
import type { Invocation } from '../../runtime/entry-point.ts';
import { jsonAnswer, parseBody } from '../../runtime/http.ts';
import type { RunOptions } from '../../vocabulary.ts';
import * as z from '../../zod.ts';
import type { Caller } from './authorize.ts';

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
