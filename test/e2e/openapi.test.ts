import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeRoutes } from '../../functions/openapi/document.ts';
import { ROUTES } from '../../functions/shared/contract/routes.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';
import { differencesFrom, operationOf } from '../support/openapi.ts';

let embedded: Embedded;

beforeAll(async () => {
  embedded = await startEmbedded();
});
afterAll(() => embedded?.close());

it('every route answers as it is described', async () => {
  const called = new Set<string | undefined>();
  /** `embedded` compares each exchange with the description. */
  const call = async (method: 'get' | 'post' | 'put', path: string, status: number): Promise<void> => {
    called.add(operationOf(method, path));
    expect([path, (await embedded[method](path)).status]).toEqual([path, status]);
  };
  await embedded.run();
  const { body } = await embedded.get('/executions/1/items?limit=1');
  const [{ itemBankId }] = body['items'] as [{ itemBankId: number }];
  const { item } = (await embedded.get(`/items/${itemBankId}`)).body as { item: { itemId: string } };
  await call('get', `/items/${itemBankId}`, 200);
  await call('get', `/items?itemId=${item.itemId}&limit=5`, 200);
  await call('post', `/sync/${itemBankId}`, 200);
  await call('post', `/sync/items/${item.itemId}`, 200);
  await call('get', '/executions?limit=5&trigger=api', 200);
  await call('get', '/executions/1', 200);
  await call('get', '/executions/1/items?outcome=created', 200);
  await call('get', '/executions/1/items?format=csv', 200);
  await call('get', '/openapi.json', 200);
  const release = embedded.hold();
  await call('post', '/sync', 202);
  await call('post', '/executions/2/stop', 202);
  await call('put', '/executions/2/abandon', 200);
  // Nothing was listed, so that nothing is left. test/e2e/control.test.ts restarts a run.
  await call('post', '/executions/2/restart', 422);
  release();
  called.add(await deliver());
  expect([...called].sort()).toEqual(Object.keys(ROUTES).sort());
});

it('the description that the API serves is that of the source', async () => {
  const answer = await fetch(`${embedded.cloud.apiEndpoint}/openapi.json`);
  expect(await answer.json()).toEqual(describeRoutes());
  expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
});

/** Sends a ping as GitHub does, with another secret. @returns the name of the route. */
async function deliver(): Promise<string | undefined> {
  const body = JSON.stringify({ zen: 'Design for failure.', hook_id: 1 });
  const signature = createHmac('sha256', 'another secret').update(body).digest('hex');
  const answer = await fetch(`${embedded.cloud.apiEndpoint}/webhook`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'ping',
      'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
      'x-hub-signature-256': `sha256=${signature}`,
    },
    body,
  });
  const exchange = { method: 'POST', path: '/webhook', requestBody: body, status: answer.status };
  const contentType = answer.headers.get('content-type');
  expect(differencesFrom({ ...exchange, contentType, body: await answer.json() })).toEqual([]);
  expect(answer.status).toBe(401);
  return operationOf('POST', '/webhook');
}
