import { StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KEYS } from '../../functions/executions/keys.ts';
import { jobExecutionId } from '../../functions/shared/contract/ids.ts';
import { stepFunctionsClient } from '../../local/aws-clients.ts';
import { type Embedded, eventually, startEmbedded } from '../support/embedded.ts';

describe('when things go wrong', () => {
  let embedded: Embedded;

  beforeEach(async () => {
    embedded = await startEmbedded();
  });
  afterEach(() => embedded?.close());

  it('fails with the reason when GitHub does not take the token, and the next run is fine', async () => {
    embedded.github.fail({
      method: 'GET',
      pathPrefix: '/orgs/',
      times: Number.POSITIVE_INFINITY,
      outcome: { status: 401, body: { message: 'Bad credentials' } },
    });
    const first = await embedded.post('/sync');
    const ended = await embedded.ended(String(first.body['executionArn']));
    expect(ended).toMatchObject({ status: 'FAILED', error: 'GitHubCredentialsRejected' });
    expect(await embedded.execution(1)).toMatchObject({
      status: 'FAILED',
      exitCode: 'FAILED',
      exitMessage: expect.stringMatching(
        /^GitHubCredentialsRejected: .*GET \/orgs\/item-bank\/repos: 401 .* \(GitHub request id \S+\)$/,
      ),
    });

    embedded.github.mend();
    const second = await embedded.post('/sync');
    expect(second.body['jobExecutionId']).toBe(2);
    await embedded.ended(String(second.body['executionArn']));
    expect(await embedded.execution(2)).toMatchObject({ exitCode: 'COMPLETED' });
  });

  it('takes the lock over from an execution that Step Functions does not know, and closes its record', async () => {
    const stateMachineArn = String(embedded.cloud.outputs['StateMachineArn']);
    const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:sync-7-gone`;
    const since = new Date(Date.now() - 3 * 60_000).toISOString();
    const record = { jobExecutionId: 7, status: 'STARTED', executionArn, createTime: since };
    const active = { jobExecutionId: 7, status: 'STARTED', executionArn, since };
    for (const Item of [
      { ...KEYS.state(), lastJobExecutionId: 7, active },
      { ...KEYS.execution(jobExecutionId(7)), ...record },
    ]) {
      await embedded.jobExecutions.client.send(
        new PutCommand({ TableName: embedded.jobExecutions.name, Item }),
      );
    }
    const { status, body } = await embedded.post('/sync');
    expect(status).toBe(202);
    expect(body['jobExecutionId']).toBe(8);
    expect(await embedded.execution(7)).toMatchObject({
      status: 'FAILED',
      exitMessage: expect.stringContaining('ExecutionDoesNotExist'),
    });
    await embedded.ended(String(body['executionArn']));
  });

  it('lets an execution that was started without input register itself', async () => {
    const stepFunctions = stepFunctionsClient(embedded.cloud.awsEndpoint);
    const { executionArn } = await stepFunctions.send(
      new StartExecutionCommand({ stateMachineArn: embedded.cloud.outputs['StateMachineArn'] }),
    );
    const ended = await embedded.ended(String(executionArn));
    expect(JSON.parse(ended.output ?? '')).toMatchObject({ jobExecutionId: 1, exitCode: 'COMPLETED' });
    expect(await embedded.execution(1)).toMatchObject({ trigger: 'console', executionArn });
  });

  it('ends an execution that finds another one running, and leaves that one alone', async () => {
    const stepFunctions = stepFunctionsClient(embedded.cloud.awsEndpoint);
    const { body } = await embedded.post('/sync');
    const second = await stepFunctions.send(
      new StartExecutionCommand({
        stateMachineArn: embedded.cloud.outputs['StateMachineArn'],
        input: JSON.stringify({ jobExecutionId: body['jobExecutionId'] }),
      }),
    );
    expect(await embedded.ended(String(second.executionArn))).toMatchObject({
      status: 'FAILED',
      error: 'JobExecutionAlreadyRunning',
    });
    await embedded.ended(String(body['executionArn']));
    expect(await embedded.execution(1)).toMatchObject({ exitCode: 'COMPLETED' });
    expect(await embedded.execution(2)).toBeUndefined();
  });

  it('closes the record of an execution that an operator stops, by the status-change rule', async () => {
    embedded.github.fail({ method: 'GET', pathPrefix: '/orgs/', outcome: { delayMs: 2_000 } });
    const { body } = await embedded.post('/sync');
    const executionArn = String(body['executionArn']);
    await eventually(async () => ((await embedded.execution(1))?.status === 'STARTED' ? true : undefined));
    await stepFunctionsClient(embedded.cloud.awsEndpoint).send(
      new StopExecutionCommand({ executionArn, error: 'Operator', cause: 'maintenance' }),
    );
    const record = await eventually(async () => {
      const execution = await embedded.execution(1);
      return execution?.endTime === undefined ? undefined : execution;
    });
    expect(record).toMatchObject({
      status: 'STOPPED',
      exitCode: 'STOPPED',
      exitMessage: 'Operator: maintenance',
    });
    expect((await embedded.post('/sync')).status).toBe(202);
  });

  it('stops an execution that has lost the lock, and changes nothing of the one that has it', async () => {
    embedded.github.fail({ method: 'GET', pathPrefix: '/orgs/', outcome: { delayMs: 1_000 } });
    const { body } = await embedded.post('/sync');
    await eventually(async () => ((await embedded.execution(1))?.status === 'STARTED' ? true : undefined));
    const other = {
      jobExecutionId: 2,
      executionArn: 'another',
      status: 'STARTED',
      since: new Date().toISOString(),
    };
    await embedded.jobExecutions.client.send(
      new UpdateCommand({
        TableName: embedded.jobExecutions.name,
        Key: KEYS.state(),
        UpdateExpression: 'SET active = :other, lastJobExecutionId = :id',
        ExpressionAttributeValues: { ':other': other, ':id': 2 },
      }),
    );
    expect(await embedded.ended(String(body['executionArn']))).toMatchObject({
      status: 'FAILED',
      error: 'ExecutionSuperseded',
    });
    expect(await embedded.execution(1)).toMatchObject({ status: 'STARTED' });
  });
});
