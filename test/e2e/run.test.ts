import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Embedded, startEmbedded } from '../support/embedded.ts';

// Two batches: more than 100.
const ITEM_BANK_SIZE = '101';
const FIRST_EXIT_MESSAGE =
  'Total item bank ids: 101, number of items requiring project webhook: 3, created: 101, updated: 0, unchanged: 0, removed: 0, deferred: 0, failed: 0';

describe('a run of the process', () => {
  let embedded: Embedded;

  beforeAll(async () => {
    embedded = await startEmbedded({ environment: { ITEM_BANK_SIZE } });
  });
  afterAll(() => embedded?.close());

  it('logs in one log group, and ends with the lines that operators search for', async () => {
    const { status, body } = await embedded.post('/sync');
    expect(status).toBe(202);
    expect(body).toMatchObject({ jobExecutionId: 1, name: 'itemSynchronizationJob', status: 'STARTING' });

    const execution = await embedded.ended(String(body['executionArn']));
    expect(execution.status).toBe('SUCCEEDED');
    const lines = await embedded.log('{ $.jobExecutionId = 1 }');
    const story = lines.map(({ message }) => message.replace(/in \d+ seconds/, 'in N seconds'));
    expect(story.filter((line) => !/^(processed|created)/.test(line))).toEqual([
      'started by the API',
      'Job: [name=itemSynchronizationJob] launched with the following parameters: [{}]',
      'Item Synchronization Process starting.  Job execution id: 1',
      'Executing step: [itemSynchronizationStep]',
      'getting item bank ids from source control',
      'retrieved 101 item bank ids from source control in N seconds',
      'forecast: 101 webhook checks, 2 GraphQL queries; rate limits off',
      expect.stringMatching(/^requests: 103 reads \(103 forecast\), \d+ GraphQL queries \(4\), 3 writes$/),
      `Item Synchronization Process complete.  Job execution id: 1, exit status code: COMPLETED, exit message: ${FIRST_EXIT_MESSAGE}`,
      'Job: [name=itemSynchronizationJob] completed with the following parameters: [{}] and the following status: [COMPLETED]',
    ]);
    expect(story.filter((line) => line.startsWith('created the project webhook'))).toHaveLength(3);
    expect(story.filter((line) => line.startsWith('processed batch'))).toHaveLength(2);
  });

  it('is recorded with id, status, exit code, exit message, trigger and counts', async () => {
    expect(await embedded.execution(1)).toMatchObject({
      jobExecutionId: 1,
      name: 'itemSynchronizationJob',
      status: 'COMPLETED',
      exitCode: 'COMPLETED',
      exitMessage: FIRST_EXIT_MESSAGE,
      trigger: 'api',
      startedBy: 'item-sync-operator',
      options: { dryRun: false },
      counts: {
        total: 101,
        created: 101,
        updated: 0,
        unchanged: 0,
        removed: 0,
        deferred: 0,
        failed: 0,
        requiringProjectWebhook: 3,
        webhooksNotCreated: 0,
        webhooksDiffering: 0,
        webhooksNotRepaired: 0,
        webhooksNotChecked: 0,
      },
    });
  });

  it('returns its record as the output of the state machine', async () => {
    const record = await embedded.execution(1);
    const { output } = await embedded.ended(String(record?.executionArn));
    expect(JSON.parse(output ?? '')).toEqual({
      jobExecutionId: 1,
      status: 'COMPLETED',
      exitCode: 'COMPLETED',
      exitMessage: record?.exitMessage,
    });
  });

  it('changes nothing in the next run, which sends one request for each page and repository', async () => {
    const before = new Map(embedded.github.traffic.requests);
    const { jobExecutionId, exitMessage } = await embedded.run();
    expect(jobExecutionId).toBe(2);
    expect(exitMessage).toBe(
      'Total item bank ids: 101, number of items requiring project webhook: 0, created: 0, updated: 0, unchanged: 101, removed: 0, deferred: 0, failed: 0',
    );
    const asked = [...embedded.github.traffic.requests].map(
      ([route, count]) => [route, count - (before.get(route) ?? 0)] as const,
    );
    expect(Object.fromEntries(asked)).toEqual({
      // The count before and after the listing, and the heads of each batch.
      'POST /graphql': 4,
      'GET /orgs/{org}/repos': 2,
      'GET /repos/{owner}/{repo}/hooks': 101,
      'POST /repos/{owner}/{repo}/hooks': 0,
    });
  });
});
