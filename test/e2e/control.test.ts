import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEYS } from '../../functions/executions/keys.ts';
import { readState } from '../../functions/executions/lock.ts';
import { jobExecutionId } from '../../functions/shared/contract/ids.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';
import { eventually } from '../support/eventually.ts';

const ITEMS = 12;

/** One after another in one cloud. */
describe('the control of a run over HTTP', () => {
  let embedded: Embedded;

  beforeAll(async () => {
    embedded = await startEmbedded({ environment: { ITEM_BANK_SIZE: String(ITEMS) } });
  });
  afterAll(() => embedded?.close());

  async function startSync(): Promise<{ id: number; executionArn: string }> {
    const { status, body } = await embedded.post('/sync');
    expect(status).toBe(202);
    return { id: Number(body['jobExecutionId']), executionArn: String(body['executionArn']) };
  }

  const isListing = (id: number) =>
    eventually(async () => {
      const lines = await embedded.log(`{ $.jobExecutionId = ${id} }`);
      return lines.some(({ message }) => message.startsWith('getting item bank ids')) || undefined;
    });

  it.each([
    ['POST', '/executions/99/stop'],
    ['POST', '/executions/99/restart'],
    ['PUT', '/executions/99/abandon'],
  ] as const)(
    'answers 404 for an unknown run, 400 for no id, and 403 without the scope: %s %s',
    async (method, path) => {
      const call = method === 'PUT' ? embedded.put : embedded.post;
      expect(await call(path)).toMatchObject({ status: 404, body: { code: 'EXECUTION_NOT_FOUND' } });
      expect(await call(path.replace('99', 'x'))).toMatchObject({
        status: 400,
        body: { code: 'REQUEST_INVALID' },
      });
      const token = await embedded.token('item-sync/read');
      expect(await call(path, { token })).toMatchObject({ status: 403, body: { message: 'Forbidden' } });
    },
  );

  it('stops a run after its batches in progress, and restarts it', async () => {
    const release = embedded.hold();
    const { id, executionArn } = await startSync();
    await isListing(id);
    expect(await embedded.post(`/executions/${id}/restart`)).toMatchObject({
      status: 409,
      body: { code: 'JOB_ALREADY_RUNNING', jobExecutionId: id, executionArn },
    });
    expect(await embedded.post(`/executions/${id}/stop`)).toMatchObject({
      status: 202,
      body: { jobExecutionId: id, status: 'STOPPING', stoppedBy: 'item-sync-operator' },
    });
    release();
    expect(await embedded.ended(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await embedded.execution(id)).toMatchObject({
      status: 'STOPPED',
      exitCode: 'STOPPED',
      stoppedBy: 'item-sync-operator',
      counts: { total: ITEMS, created: 0, failed: 0 },
    });
    expect(await embedded.post(`/executions/${id}/stop`)).toMatchObject({
      status: 202,
      body: { status: 'STOPPED' },
    });

    const { status, headers, body } = await embedded.post(`/executions/${id}/restart`);
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/executions/${id + 1}`);
    expect(body).toMatchObject({ jobExecutionId: id + 1, restartOf: id, status: 'STARTING' });
    await embedded.ended(String(body['executionArn']));
    expect(await embedded.execution(id + 1)).toMatchObject({
      exitCode: 'COMPLETED',
      options: { restartOf: id },
      counts: { total: ITEMS, created: ITEMS, failed: 0, requiringProjectWebhook: 3 },
    });
    expect(await embedded.execution(id)).toMatchObject({ restartedBy: id + 1 });
    expect(await embedded.log('"getting item bank ids from job execution"')).toHaveLength(1);
  });

  it('answers 409 or 422 for an ended run that left nothing', async () => {
    const { jobExecutionId: id } = await embedded.run();
    const ended = { status: 409, body: { code: 'EXECUTION_ENDED', exitCode: 'COMPLETED' } };
    expect(await embedded.post(`/executions/${id}/stop`)).toMatchObject(ended);
    expect(await embedded.put(`/executions/${id}/abandon`)).toMatchObject(ended);
    expect(await embedded.post(`/executions/${id}/restart`)).toMatchObject({
      status: 422,
      body: { code: 'NOTHING_TO_RESTART' },
    });
  });

  it('abandons a run at once, so that another one can start', async () => {
    const release = embedded.hold();
    const { id, executionArn } = await startSync();
    await isListing(id);
    expect(await embedded.put(`/executions/${id}/abandon`)).toMatchObject({
      status: 200,
      body: { jobExecutionId: id, status: 'ABANDONED', stoppedBy: 'item-sync-operator' },
    });
    expect(await embedded.ended(executionArn)).toMatchObject({ status: 'ABORTED', error: 'Abandoned' });
    const next = await startSync();
    release();
    await embedded.ended(next.executionArn);
    expect(await embedded.execution(next.id)).toMatchObject({ exitCode: 'COMPLETED' });
    expect(await embedded.execution(id)).toMatchObject({
      status: 'ABANDONED',
      exitMessage: 'abandoned by item-sync-operator',
    });
    const completed = (await embedded.changeEvents()).filter(({ type }) => type === 'SyncCompleted');
    const abandoned = { jobExecutionId: id, exitMessage: 'abandoned by item-sync-operator' };
    expect(completed.map(({ detail }) => detail)).toContainEqual(expect.objectContaining(abandoned));
  });

  it('abandons a run whose execution Step Functions no longer knows', async () => {
    const release = embedded.hold();
    const { id, executionArn } = await startSync();
    await isListing(id);
    const { client, name: TableName } = embedded.jobExecutions;
    const unknown = `${executionArn}gone`;
    const ExpressionAttributeValues = { ':unknown': unknown };
    await client.send(
      new UpdateCommand({
        TableName,
        Key: KEYS.state(),
        UpdateExpression: 'SET active.executionArn = :unknown',
        ExpressionAttributeValues,
      }),
    );
    await client.send(
      new UpdateCommand({
        TableName,
        Key: KEYS.execution(jobExecutionId(id)),
        UpdateExpression: 'SET executionArn = :unknown',
        ExpressionAttributeValues,
      }),
    );
    release();
    expect(await embedded.put(`/executions/${id}/abandon`)).toMatchObject({ status: 200 });
    expect((await readState(embedded.jobExecutions)).active).toBeUndefined();
    await embedded.ended(executionArn);
  });
});
