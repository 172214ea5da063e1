import { StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobExecution } from '../../functions/executions/job-execution.ts';
import { KEYS } from '../../functions/executions/keys.ts';
import { type Lock, readState } from '../../functions/executions/lock.ts';
import { jobExecutionId } from '../../functions/shared/contract/ids.ts';
import { stepFunctionsClient } from '../../local/aws-clients.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';
import { eventually } from '../support/eventually.ts';

/** One after another in one cloud. The last test leaves the lock to an execution that does not exist. */
describe('when something fails', () => {
  let embedded: Embedded;

  beforeAll(async () => {
    embedded = await startEmbedded();
  });
  afterAll(() => embedded?.close());

  it('a run fails with the reason when GitHub rejects the token, and the next run completes', async () => {
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

  it('a start takes over the lock of an execution that Step Functions does not know, and closes its record', async () => {
    const stateMachineArn = String(embedded.cloud.outputs['StateMachineArn']);
    const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:sync-70-gone`;
    const since = new Date(Date.now() - 3 * 60_000).toISOString();
    const id = jobExecutionId(70);
    const options = { dryRun: false };
    const active: Lock = { jobExecutionId: id, status: 'STARTED', executionArn, since, options };
    const record: JobExecution = {
      jobExecutionId: id,
      status: 'STARTED',
      trigger: 'api',
      startedBy: 'item-sync-operator',
      executionArn,
      options,
      createTime: since,
      lastUpdated: since,
    };
    const { client, name: TableName } = embedded.jobExecutions;
    const state = { ...KEYS.state(), lastJobExecutionId: id, active };
    await client.send(new PutCommand({ TableName, Item: state }));
    await client.send(new PutCommand({ TableName, Item: { ...KEYS.execution(id), ...record } }));
    const { status, body } = await embedded.post('/sync');
    expect(status).toBe(202);
    expect(body['jobExecutionId']).toBe(71);
    expect(await embedded.execution(70)).toMatchObject({
      status: 'FAILED',
      exitMessage: expect.stringContaining('ExecutionDoesNotExist'),
    });
    await embedded.ended(String(body['executionArn']));
  });

  it('an execution that is started without input registers itself', async () => {
    const executionArn = await startExecution();
    const ended = await embedded.ended(executionArn);
    const { jobExecutionId, exitCode } = JSON.parse(ended.output ?? '');
    expect(exitCode).toBe('COMPLETED');
    expect(await embedded.execution(jobExecutionId)).toMatchObject({ trigger: 'console', executionArn });
  });

  it('an execution fails while another one is running, and does not affect it', async () => {
    const release = embedded.hold();
    const { id, executionArn } = await startSync();
    const second = await startExecution(JSON.stringify({ jobExecutionId: id }));
    expect(await embedded.ended(second)).toMatchObject({
      status: 'FAILED',
      error: 'JobExecutionAlreadyRunning',
    });
    release();
    await embedded.ended(executionArn);
    expect(await embedded.execution(id)).toMatchObject({ exitCode: 'COMPLETED' });
    expect(await embedded.execution(id + 1)).toBeUndefined();
  });

  it('the status-change rule closes the record of an execution that an operator stops', async () => {
    const release = embedded.hold();
    const { id, executionArn } = await startSync();
    await isStarted(id);
    await stepFunctionsClient(embedded.cloud.awsEndpoint).send(
      new StopExecutionCommand({ executionArn, error: 'Operator', cause: 'maintenance' }),
    );
    const record = await eventually(async () => {
      const execution = await embedded.execution(id);
      return execution?.endTime === undefined ? undefined : execution;
    });
    expect(record).toMatchObject({
      status: 'STOPPED',
      exitCode: 'STOPPED',
      exitMessage: 'Operator: maintenance',
    });
    release();
    const next = await startSync();
    await embedded.ended(next.executionArn);
  });

  it('an execution that has lost the lock fails, and does not change the lock', async () => {
    const release = embedded.hold();
    const { id, executionArn } = await startSync();
    await isStarted(id);
    const active: Lock = {
      jobExecutionId: jobExecutionId(id + 1),
      executionArn: 'another',
      status: 'STARTED',
      since: new Date().toISOString(),
      options: { dryRun: false },
    };
    await embedded.jobExecutions.client.send(
      new UpdateCommand({
        TableName: embedded.jobExecutions.name,
        Key: KEYS.state(),
        UpdateExpression: 'SET active = :active, lastJobExecutionId = :id',
        ExpressionAttributeValues: { ':active': active, ':id': id + 1 },
      }),
    );
    release();
    expect(await embedded.ended(executionArn)).toMatchObject({
      status: 'FAILED',
      error: 'ExecutionSuperseded',
    });
    expect(await embedded.execution(id)).toMatchObject({ status: 'STARTED' });
    expect((await readState(embedded.jobExecutions)).active).toEqual(active);
  });

  async function startSync(): Promise<{ id: number; executionArn: string }> {
    const { status, body } = await embedded.post('/sync');
    expect(status).toBe(202);
    return { id: Number(body['jobExecutionId']), executionArn: String(body['executionArn']) };
  }

  async function startExecution(input?: string): Promise<string> {
    const stateMachineArn = embedded.cloud.outputs['StateMachineArn'];
    const { executionArn } = await stepFunctionsClient(embedded.cloud.awsEndpoint).send(
      new StartExecutionCommand({ stateMachineArn, ...(input !== undefined && { input }) }),
    );
    return String(executionArn);
  }

  const isStarted = (id: number) =>
    eventually(async () => (await embedded.execution(id))?.status === 'STARTED' || undefined);
});
