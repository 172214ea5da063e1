import { createServer } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { createGitHub } from '../../../functions/github/github.ts';
import { ORGANIZATION, startBank } from '../../support/bank.ts';
import { listen } from '../../support/http.ts';

it('retries each request as often as its options allow, whatever happened to earlier ones', async () => {
  const { site, github } = await startBank({ repositories: 1, withoutProjectWebhook: 0 });
  const fault = { status: 500, body: { message: 'Server Error' } };
  const listing = { method: 'GET', pathPrefix: `/orgs/${ORGANIZATION}/repos`, outcome: fault };
  site.fail(listing);
  await github.rest.repos.listForOrg({ org: ORGANIZATION });
  site.fail(listing);
  await github.rest.repos.listForOrg({ org: ORGANIZATION, request: { retries: 1 } });
  site.fail(listing);
  await expect(github.rest.repos.listForOrg({ org: ORGANIZATION, request: { retries: 0 } })).rejects.toThrow(
    'GET /orgs/item-bank/repos: 500',
  );
});

it('keeps a connection open for the next request', async () => {
  const server = createServer((_, response) =>
    response.setHeader('content-type', 'application/json').end('[]'),
  );
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const github = createGitHub({ apiUrl: await listen(server), token: 't' });
  for (let request = 1; request <= 3; request += 1) {
    await github.rest.repos.listForOrg({ org: ORGANIZATION });
    // Node reuses the connection once it has seen the end of the answer.
    await setImmediate();
  }
  expect(connections).toBe(1);
});
