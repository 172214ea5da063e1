import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Embedded, startEmbedded } from '../support/embedded.ts';

describe('a run of the process', () => {
  let embedded: Embedded;

  beforeAll(async () => {
    embedded = await startEmbedded();
  });
  afterAll(() => embedded?.close());

  it('tells its story in one log and ends with the words that operators search for', async () => {
    const { status, body } = await embedded.post('/sync');
    expect(status).toBe(202);
    expect(body).toMatchObject({ jobExecutionId: 1, name: 'itemSynchronizationJob', status: 'STARTING' });

    const execution = await embedded.ended(String(body['executionArn']));
    expect(execution.status).toBe('SUCCEEDED');
    const lines = await embedded.log('{ $.jobExecutionId = 1 }');
    const story = lines.map(({ message }) => message.replace(/in \d+ seconds/, 'in N seconds'));
    expect(story.filter((line) => !/^(processed|created|registered)/.test(line))).toEqual([
      'Job: [name=itemSynchronizationJob] launched with the following parameters: [{}]',
      'Item Synchronization Process starting.  Job execution id: 1',
      'Executing step: [itemSynchronizationStep]',
      'getting item bank ids from source control',
      'retrieved 230 item bank ids from source control in N seconds',
      'Item Synchronization Process complete.  Job execution id: 1, exit status code: COMPLETED, exit message: Total item bank ids: 230, number of items requiring project webhook: 3',
      'Job: [name=itemSynchronizationJob] completed with the following parameters: [{}] and the following status: [COMPLETED]',
    ]);
    expect(story.filter((line) => line.startsWith('created the project webhook'))).toHaveLength(3);
    expect(story.filter((line) => line.startsWith('processed batch'))).toHaveLength(3);
  });

  it('is recorded with id, status, exit code, exit message, trigger and counts', async () => {
    expect(await embedded.execution(1)).toMatchObject({
      jobExecutionId: 1,
      name: 'itemSynchronizationJob',
      status: 'COMPLETED',
      exitCode: 'COMPLETED',
      exitMessage: 'Total item bank ids: 230, number of items requiring project webhook: 3',
      trigger: 'api',
      startedBy: 'item-sync-operator',
      counts: { total: 230, processed: 230, requiringProjectWebhook: 3, webhooksNotCreated: 0, failed: 0 },
    });
  });

  it('gives what it recorded as the output of the state machine', async () => {
    const record = await embedded.execution(1);
    const { output } = await embedded.ended(String(record?.executionArn));
    expect(JSON.parse(output ?? '')).toEqual({
      jobExecutionId: 1,
      status: 'COMPLETED',
      exitCode: 'COMPLETED',
      exitMessage: record?.exitMessage,
    });
  });

  it('needs no webhook when it runs again, under the next id', async () => {
    const { body } = await embedded.post('/sync');
    expect(body['jobExecutionId']).toBe(2);
    await embedded.ended(String(body['executionArn']));
    expect(await embedded.execution(2)).toMatchObject({
      exitMessage: 'Total item bank ids: 230, number of items requiring project webhook: 0',
    });
  });

  it('asks GitHub for each page, each repository once a run, and for nothing else', () => {
    expect(Object.fromEntries(embedded.github.traffic.requests)).toEqual({
      'POST /graphql': 4,
      'GET /orgs/{org}/repos': 6,
      'GET /repos/{owner}/{repo}/hooks': 460,
      'POST /repos/{owner}/{repo}/hooks': 3,
    });
  });
});
