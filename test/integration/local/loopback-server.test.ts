import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { closeServer, createLoopbackServer } from '../../../local/loopback-server.ts';
import { clouds } from '../../support/cloud/clouds.ts';
import { listen } from '../../support/http.ts';
import { halfARequest, sayAndStall } from '../../support/stalled.ts';
import { fixture } from './cloud/cloud-support.ts';
import { ORGANIZATION, start as startGitHub, TOKEN } from './github/support.ts';
import { start as startIdentityProvider } from './identity-provider/support.ts';

const startCloud = clouds();

/** Any limit is exceeded by a client that stalls. */
const LIMIT_MS = 50;

interface ServerKind {
  name: string;
  start: (requestLimitMs?: number) => Promise<string>;
  /** Where the server reads the body before it answers. */
  path: string;
}

/** Every kind of server that this project starts. */
const SERVERS: ServerKind[] = [
  {
    name: 'the AWS endpoint',
    start: async (requestLimitMs) => (await startCloud(fixture(), { requestLimitMs })).awsEndpoint,
    path: '/',
  },
  {
    name: 'the API',
    start: async (requestLimitMs) => (await startCloud(fixture(), { requestLimitMs })).apiEndpoint,
    path: '/',
  },
  {
    name: 'the identity provider',
    start: async (requestLimitMs) => (await startIdentityProvider({ requestLimitMs })).issuer,
    path: '/token',
  },
  {
    name: 'the simulated GitHub',
    start: async (requestLimitMs) => (await startGitHub({ requestLimitMs })).github.url,
    path: `/orgs/${ORGANIZATION}/repos`,
  },
];

const halfAt = (path: string) =>
  halfARequest(path, {
    'content-type': 'application/x-www-form-urlencoded',
    // Without these, the simulated GitHub answers before it reads the body.
    'user-agent': 'test',
    authorization: `token ${TOKEN}`,
  });

async function ask(url: string, headers: Record<string, string>): Promise<[number, string]> {
  const request = httpRequest(url, { headers: { 'user-agent': 'test', ...headers } }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return [response.statusCode ?? 0, await text(response)];
}

async function serve(handle: RequestListener, options: { requestLimitMs?: number } = {}): Promise<string> {
  const server = createLoopbackServer(options, handle);
  onTestFinished(() => closeServer(server));
  return listen(server);
}

describe.each(SERVERS)('$name', ({ start, path }) => {
  it.each([
    [{ host: 'attacker.example' }],
    [{ host: '127.0.0.1.attacker.example:80' }],
    [{ host: 'attacker.localhost' }],
    [{ origin: 'https://attacker.example' }],
    [{ origin: 'null' }],
  ])('refuses a request with %j', async (headers) => {
    const [status, body] = await ask(await start(), headers);
    expect(status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({ message: expect.stringContaining('loopback host') });
  });

  it.each([[{ host: 'localhost:1' }], [{ host: '[::1]' }], [{ origin: 'http://localhost:3000' }]])(
    'answers a request with %j, which is this machine',
    async (headers) => {
      const [status] = await ask(await start(), headers);
      expect(status).not.toBe(403);
    },
  );

  it('answers 408 to a client that sends half a body and then nothing', async () => {
    const answer = await sayAndStall(await start(LIMIT_MS), halfAt(path));
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(JSON.parse(body)).toMatchObject({ message: 'The request was not complete after 0.05 s.' });
    expect(head).toContain(`content-length: ${body.length}`);
  });
});

describe('a server on the loopback interface', () => {
  it('answers 408 to a client that does not finish the head of its request', async () => {
    const url = await serve((_, response) => response.end(), { requestLimitMs: LIMIT_MS });
    expect(await sayAndStall(url, 'POST / HTTP/1.1\r\nhost: local')).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('ends the connection, without a second answer, if it has answered a client that then stalls', async () => {
    const url = await serve((_, response) => response.end('early'), { requestLimitMs: LIMIT_MS });
    const answer = await sayAndStall(url, halfAt('/'));
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it('does not limit the time of an answer', async () => {
    const stalled = Promise.withResolvers<void>();
    const url = await serve(
      async (request, response) => {
        await buffer(request).catch(() => {});
        await stalled.promise;
        response.end('late');
      },
      { requestLimitMs: LIMIT_MS },
    );
    const answer = fetch(url, { method: 'POST', body: 'whole' });
    // Another request exceeds the limit meanwhile.
    await sayAndStall(url, halfAt('/'));
    stalled.resolve();
    expect(await (await answer).text()).toBe('late');
  });

  it('answers 400 to what is not HTTP', async () => {
    expect(await sayAndStall(await serve(() => {}), 'hello\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 Bad Request\r\n/,
    );
  });
});
