import type {
  APIGatewayProxyEventV2WithLambdaAuthorizer,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda';
import * as z from 'zod';
import { JOB_NAME, type StartSyncAnswer } from '../../contract.ts';
import { type StartDependencies, startExecution } from '../../executions/start.ts';
import type { Invocation } from '../../runtime/entry-point.ts';
import { parseBody } from '../../runtime/http.ts';
import type { Caller } from './authorize.ts';

// No option is known yet. One that a caller sends all the same must not be passed over: it could be a dry run.
const Body = z.strictObject({});

export async function startSync(
  dependencies: Invocation & StartDependencies,
  event: APIGatewayProxyEventV2WithLambdaAuthorizer<Caller>,
): Promise<APIGatewayProxyStructuredResultV2> {
  parseBody(event, Body);
  const { subject } = event.requestContext.authorizer.lambda;
  const { execution, ...start } = await startExecution(dependencies, { trigger: 'api', startedBy: subject });
  const { jobExecutionId, status, executionArn } = execution;
  dependencies.log.appendKeys({ jobExecutionId });
  dependencies.log.info('registered and started by the API', { startedBy: subject, ...start });
  const answer: StartSyncAnswer = {
    jobExecutionId,
    name: JOB_NAME,
    status,
    message: `Job execution ${jobExecutionId} was started`,
    executionArn,
  };
  return {
    statusCode: 202,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(answer),
  };
}
