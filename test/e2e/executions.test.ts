import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stepFunctionsClient } from '../../local/aws-clients.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';
import { eventually } from '../support/eventually.ts';
import { type Authors, authorsOf } from './support.ts';

/** The tests run one after another on one bank. */
describe('the routes about runs', () => {
  let embedded: Embedded;
  let authors: Authors;
  let broken: { id: number; name: string };
  let itemId: string;

  beforeAll(async () => {
    embedded = await startEmbedded({ environment: { ITEM_BANK_WITHOUT_WEBHOOK: '0' } });
    authors = authorsOf(embedded);
    for (const repository of await authors.repositories()) {
      const read = await authors.readItem(repository.name).catch(() => undefined);
      // The item of some repositories is on a branch.
      if (!read) continue;
      broken = repository;
      itemId = String(read.item['id']);
    }
    await embedded.run();
    await authors.changeItem(broken.name, { type: null });
  });
  afterAll(() => embedded?.close());

  it('return the path of a started run, and its progress', async () => {
    const release = embedded.hold();
    const { headers, body } = await embedded.post('/sync');
    expect(headers.get('location')).toBe('/executions/2');
    const listing = await eventually(async () => {
      const answer = await embedded.get(String(headers.get('location')));
      return answer.body['status'] === 'STARTED' ? answer : undefined;
    });
    expect(listing).toMatchObject({
      status: 200,
      body: { trigger: 'api', startedBy: 'item-sync-operator', total: null, done: 0, estimatedEnd: null },
    });
    release();
    await embedded.ended(String(body['executionArn']));
    expect((await embedded.get('/executions/2')).body).toMatchObject({
      status: 'COMPLETED',
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage: expect.stringContaining('failed: 1'),
      total: 12,
      done: 12,
      outcomes: { unchanged: 11, failed: 1 },
      webhooks: { present: 12 },
      waits: [],
      forecast: { webhookChecks: 12 },
      requests: { reads: 13 },
      estimatedEnd: null,
      consoleUrl: expect.stringContaining(String(body['executionArn'])),
    });
  });

  it('list the runs, the newest first', async () => {
    const first = await embedded.get('/executions?limit=1');
    expect(first.body).toMatchObject({ executions: [{ jobExecutionId: 2, outcomes: { failed: 1 } }] });
    const second = await embedded.get(`/executions?limit=1&cursor=${first.body['next']}`);
    expect(second.body).toEqual({
      executions: [expect.objectContaining({ jobExecutionId: 1, exitCode: 'COMPLETED' })],
    });
    const day = String(Object(second.body['executions'])[0].createTime).slice(0, 10);
    const found = await embedded.get(
      `/executions?day=${day}&exitCode=COMPLETED&trigger=api&status=COMPLETED`,
    );
    expect(found.body).toEqual(second.body);
    expect(await embedded.get('/executions?state=FAILED')).toMatchObject({
      status: 400,
      body: { code: 'REQUEST_INVALID', detail: 'unknown parameter state' },
    });
  });

  it('return what a run did to single ids, as JSON and CSV', async () => {
    const { body } = await embedded.get('/executions/2/items?outcome=failed');
    const item = { itemBankId: broken.id, repository: broken.name, reason: 'ITEM_JSON_INVALID' };
    expect(body).toMatchObject({ items: [item] });
    const { headers, text } = await embedded.get('/executions/2/items?outcome=failed&format=csv');
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(text.split('\r\n')[1]).toContain(`${broken.id},${broken.name},failed,ITEM_JSON_INVALID,`);
  });

  it('lead from one page of ids to the next by the header Link', async () => {
    let path: string | undefined = '/executions/1/items?format=csv&limit=5';
    const lines: string[] = [];
    while (path !== undefined) {
      const { headers, text } = await embedded.get(path);
      lines.push(...text.trimEnd().split('\r\n').slice(1));
      const [, next] = /^<([^>]*)>; rel="next"$/.exec(headers.get('link') ?? '') ?? [];
      path = next === undefined ? undefined : `/executions/1/items${next}`;
    }
    expect(lines).toHaveLength(12);
    expect(new Set(lines).size).toBe(12);
  });

  it('answer 404 for a run that does not exist, and 403 without the read scope', async () => {
    for (const path of ['/executions/99', '/executions/99/items']) {
      expect(await embedded.get(path)).toMatchObject({ status: 404, body: { code: 'EXECUTION_NOT_FOUND' } });
    }
    const token = await embedded.token('item-sync/sync');
    for (const path of ['/executions', '/executions/1', '/executions/1/items']) {
      expect((await embedded.get(path, { token })).status).toBe(403);
    }
  });

  it('synchronize an item by its item id', async () => {
    await authors.changeItem(broken.name, { type: 'er' });
    expect(await embedded.post(`/sync/items/00${itemId}`)).toMatchObject({
      status: 200,
      body: { itemBankId: broken.id, repository: broken.name },
    });
    expect(await embedded.post('/sync/items/1')).toMatchObject({
      status: 404,
      body: { code: 'ITEM_NOT_FOUND' },
    });
    const token = await embedded.token('item-sync/read');
    expect((await embedded.post(`/sync/items/${itemId}`, { token })).status).toBe(403);
  });

  it('show how a stopped run ended', async () => {
    const release = embedded.hold();
    const { body } = await embedded.post('/sync');
    const executionArn = String(body['executionArn']);
    await stepFunctionsClient(embedded.cloud.awsEndpoint).send(
      new StopExecutionCommand({ executionArn, cause: 'maintenance' }),
    );
    release();
    await embedded.ended(executionArn);
    const stopped = await eventually(async () => {
      const answer = await embedded.get('/executions/3');
      return answer.body['exitCode'] === null ? undefined : answer.body;
    });
    expect(stopped).toMatchObject({ status: 'STOPPED', exitCode: 'STOPPED', estimatedEnd: null, waits: [] });
  });
});
