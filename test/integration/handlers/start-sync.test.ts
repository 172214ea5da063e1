import type { APIGatewayProxyEventV2WithLambdaAuthorizer } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import type { Caller } from '../../../functions/auth/scopes.ts';
import { startSync } from '../../../functions/handlers/start-sync.ts';
import { problemOf } from '../../../functions/shared/http.ts';
import { MINUTE_MS } from '../../support/clock.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { createJob, executionArn } from '../../support/executions.ts';
import { createLog } from '../../support/log.ts';
import { recordReports } from '../../support/reports.ts';
import { STATE_MACHINE_ARN, useStepFunctions } from '../../support/step-functions.ts';

const newTable = useDynamoDb();
const stepFunctions = useStepFunctions();

type Event = APIGatewayProxyEventV2WithLambdaAuthorizer<Caller>;

async function createApi({ dryRunOnly = false } = {}) {
  const job = createJob(await newTable(), stepFunctions);
  const { reporting } = recordReports();
  const dependencies = {
    executionsTable: job.executionsTable,
    now: job.now,
    log: createLog(),
    remainingTimeMs: () => MINUTE_MS,
    stepFunctions: stepFunctions.client,
    stateMachineArn: STATE_MACHINE_ARN,
    newToken: () => 'token',
    dryRunOnly,
    ...reporting,
  };
  const post = (body?: string) =>
    startSync(dependencies, {
      ...(body !== undefined && { body }),
      isBase64Encoded: false,
      requestContext: { authorizer: { lambda: { subject: 'alice' } } },
    } as Event).catch((error: unknown) => problemOf(error, 'request-1'));
  return { job, post };
}

const bodyOf = ({ body = '' }: { body?: string | undefined }): unknown => JSON.parse(body);

describe('POST /sync', () => {
  it('starts a run on behalf of the caller and answers 202 with its id', async () => {
    const { job, post } = await createApi();
    const answer = await post();
    const headers = { 'content-type': 'application/json', location: '/executions/1' };
    expect(answer).toMatchObject({ statusCode: 202, headers });
    expect(bodyOf(answer)).toEqual({
      jobExecutionId: 1,
      name: 'itemSynchronizationJob',
      status: 'STARTING',
      message: 'Job execution 1 was started',
      executionArn: executionArn('sync-1-token'),
    });
    expect(await job.record(1)).toMatchObject({ trigger: 'api', startedBy: 'alice' });
  });

  it('answers 409 with the id of the active run', async () => {
    const { post } = await createApi();
    await post();
    const answer = await post('{}');
    expect(answer).toMatchObject({
      statusCode: 409,
      headers: { 'content-type': 'application/problem+json' },
    });
    expect(bodyOf(answer)).toEqual({
      type: 'about:blank',
      status: 409,
      title: 'A job execution is already running',
      code: 'JOB_ALREADY_RUNNING',
      executionArn: expect.stringContaining(':execution:'),
      dryRun: false,
      detail: 'job execution 1 is running',
      jobExecutionId: 1,
      requestId: 'request-1',
    });
  });

  it.each([
    ['{"dryRun":true}', { dryRun: true }, 'Job execution 1 was started as a dry run'],
    ['{"removalLimitPercent":60}', { dryRun: false, removalLimitPercent: 60 }, 'Job execution 1 was started'],
    ['{"removalLimitPercent":0}', { dryRun: false, removalLimitPercent: 0 }, 'Job execution 1 was started'],
    [
      '{"dryRun":true,"removalLimitPercent":100}',
      { dryRun: true, removalLimitPercent: 100 },
      'Job execution 1 was started as a dry run',
    ],
  ])(
    'stores the options in the record and the lock, not in the execution input: %s',
    async (body, options, message) => {
      const { job, post } = await createApi();
      const answer = await post(body);
      expect(answer).toMatchObject({ statusCode: 202 });
      expect(bodyOf(answer)).toMatchObject({ message });
      expect(await job.record(1)).toMatchObject({ options });
      expect(await job.lock()).toMatchObject({ options });
      const [started] = stepFunctions.executions.values();
      expect(started?.input).toBe('{"jobExecutionId":1}');
    },
  );

  it.each([undefined, '{"dryRun":false}'])(
    'starts a dry run when only dry runs are allowed, with the body %s',
    async (body) => {
      const { job, post } = await createApi({ dryRunOnly: true });
      expect(bodyOf(await post(body))).toMatchObject({ message: 'Job execution 1 was started as a dry run' });
      expect(await job.record(1)).toMatchObject({ options: { dryRun: true } });
    },
  );

  it.each([
    ['{"dryrun":true}', 'dryrun'],
    ['{"dryRun":"true"}', 'dryRun'],
    ['{"dryRun":null}', 'dryRun'],
    ['{"removalLimit":60}', 'removalLimit'],
    ['{"removalLimitPercent":-0.1}', 'removalLimitPercent'],
    ['{"removalLimitPercent":100.1}', 'removalLimitPercent'],
    ['{"removalLimitPercent":1e999}', 'removalLimitPercent'],
    ['{"removalLimitPercent":"60"}', 'removalLimitPercent'],
    ['{"dryRun":true,"itemBankIds":[1]}', 'itemBankIds'],
  ])('answers 400 to %s and starts nothing', async (body, parameter) => {
    const { job, post } = await createApi();
    const answer = await post(body);
    expect(answer).toMatchObject({ statusCode: 400 });
    expect(bodyOf(answer)).toMatchObject({
      code: 'REQUEST_INVALID',
      detail: expect.stringContaining(parameter),
    });
    expect(await job.lock()).toBeUndefined();
    expect(stepFunctions.requests).toEqual([]);
  });

  it('answers 503 without the cause when Step Functions refuses the start', async () => {
    const { post } = await createApi();
    stepFunctions.misbehave({ status: 400, error: 'StateMachineDoesNotExist' });
    const answer = await post();
    expect(answer).toMatchObject({ statusCode: 503 });
    expect(answer.body).not.toContain('StateMachine');
    expect(bodyOf(answer)).toMatchObject({ code: 'EXECUTION_NOT_STARTED', jobExecutionId: 1 });
  });
});
