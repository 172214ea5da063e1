import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../local/cloud/cloud.ts';
import { route } from '../../../support/cloud/assembly.ts';
import { clouds, messagesIn } from '../../../support/cloud/clouds.ts';
import { call, eventOf, fixture, guarded } from './http-support.ts';

const start = clouds();

describe('routing', () => {
  const routes = {
    ...route('One', 'GET /things/{id}', 'Echo'),
    ...route('Fixed', 'GET /things/fixed', 'Echo'),
    ...route('Rest', 'ANY /files/{path+}', 'Echo'),
  };

  it('prefers fixed paths, and decodes path parameters', async () => {
    const cloud = await start(fixture(routes));
    const get = { method: 'GET' };
    expect(await eventOf(await call(cloud, '/things/fixed', get))).toMatchObject({
      routeKey: 'GET /things/fixed',
    });
    expect(await eventOf(await call(cloud, '/things/a%20b%3F?q=a%20b', get))).toMatchObject({
      pathParameters: { id: 'a b?' },
      rawPath: '/things/a b?',
      rawQueryString: 'q=a%20b',
      requestContext: { http: { path: '/things/a b?' } },
    });
    expect(await eventOf(await call(cloud, '/files/a/b', get))).toMatchObject({
      pathParameters: { path: 'a/b' },
    });
  });

  it('answers 403 to a page of another host', async () => {
    const cloud = await start(fixture(routes));
    const from = (origin: string) => call(cloud, '/things/fixed', { method: 'GET', headers: { origin } });
    expect((await from('https://attacker.example')).status).toBe(403);
    expect((await from('http://localhost:3000')).status).toBe(200);
  });

  it.each([
    ['an unknown path', '/other', 'GET'],
    ['another method', '/things/fixed', 'POST'],
    ['HEAD of a GET route', '/things/fixed', 'HEAD'],
    ['a missing parameter', '/things', 'GET'],
  ])('answers 404 for %s', async (_, path, method) => {
    const response = await call(await start(fixture(routes)), path, { method });
    expect(response.status).toBe(404);
    if (method !== 'HEAD') expect(await response.json()).toEqual({ message: 'Not Found' });
  });

  it('answers 400 for a path that cannot be decoded', async () => {
    const response = await call(await start(fixture(routes)), '/things/%zz', { method: 'GET' });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ message: 'Bad Request' });
  });

  it('routes everything else to $default if it exists', async () => {
    const cloud = await start(fixture(route('Default', '$default', 'Echo')));
    expect(await eventOf(await call(cloud, '/any/where'))).toMatchObject({
      routeKey: '$default',
      rawPath: '/any/where',
    });
  });
});

describe('responses', () => {
  const answer = async (body: object | string) => {
    const cloud = await start(fixture(route('Post', 'POST /out', 'Answer')));
    return call(cloud, '/out', {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify(body),
    });
  };

  it('have the status, headers, cookies and body that the function returns', async () => {
    const response = await answer({
      statusCode: 202,
      headers: { Location: '/executions/1', 'Content-Type': 'application/problem+json' },
      cookies: ['a=1', 'b=2'],
      body: '{"ok":true}',
    });
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe('/executions/1');
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.text()).toBe('{"ok":true}');
  });

  it('have a decoded Base64 body', async () => {
    const response = await answer({
      statusCode: 200,
      body: Buffer.from('hé').toString('base64'),
      isBase64Encoded: true,
    });
    expect(await response.text()).toBe('hé');
  });

  it('have a result without status code as their body', async () => {
    const response = await answer({ id: 1 });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ id: 1 });
  });

  it.each([
    ['an invalid status code', { statusCode: 'fine' }],
    ['a body that is not text', { statusCode: 200, body: { a: 1 } }],
  ])('are 500 for %s', async (_, body) => {
    const response = await answer(body);
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ message: 'Internal Server Error' });
  });

  it('reveal nothing about an error that a function throws', async () => {
    const response = await call(await start(fixture(route('Post', 'POST /broken', 'Broken'))), '/broken');
    expect(response.status).toBe(500);
    expect(await response.text()).toBe('{"message":"Internal Server Error"}');
  });

  it('are 503 when the integration times out', async () => {
    const routes = route('Post', 'POST /slow', 'Slow');
    Object.assign(routes['PostIntegration']?.Properties ?? {}, { TimeoutInMillis: 50 });
    const response = await call(await start(fixture(routes)), '/slow');
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ message: 'Service Unavailable' });
  });
});

describe('the stage', () => {
  it('throttles a route beyond its burst without affecting other routes', async () => {
    const stage = {
      DefaultRouteSettings: { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 100 },
      RouteSettings: { 'POST /few': { ThrottlingRateLimit: 0.001, ThrottlingBurstLimit: 2 } },
    };
    const routes = { ...route('Few', 'POST /few', 'Echo'), ...route('Many', 'POST /many', 'Echo') };
    const cloud = await start(fixture(routes, stage));
    const statuses = [];
    for (const path of ['/few', '/few', '/few', '/many']) statuses.push((await call(cloud, path)).status);
    expect(statuses).toEqual([200, 200, 429, 200]);
    expect(await (await call(cloud, '/few')).json()).toEqual({ message: 'Too Many Requests' });
  });

  it('logs each request in the configured format', async () => {
    const format = [
      'requestId',
      'routeKey',
      'status',
      'authorizer.sub',
      'integration.status',
      'nobody.knows',
    ];
    const stage = {
      AccessLogSettings: {
        DestinationArn: { 'Fn::GetAtt': ['Log', 'Arn'] },
        Format: JSON.stringify(Object.fromEntries(format.map((name) => [name, `$context.${name}`]))),
      },
    };
    const cloud = await start(fixture(route('Post', 'POST /guarded', 'Echo', guarded), stage));
    const response = await call(cloud, '/guarded', { method: 'POST', headers: { authorization: 'good' } });
    await call(cloud, '/nowhere');
    const lines = (await messagesIn(cloud, '/access')).map((line) => JSON.parse(line));
    expect(lines).toEqual([
      {
        requestId: response.headers.get('apigw-requestid'),
        routeKey: 'POST /guarded',
        status: '200',
        'authorizer.sub': 'me',
        'integration.status': '200',
        'nobody.knows': '-',
      },
      expect.objectContaining({ status: '404', 'authorizer.sub': '-' }),
    ]);
  });
});

describe('a request beyond the limits of API Gateway', () => {
  const MEGABYTE = 1024 * 1024;
  const begin = () => start(fixture(route('Post', 'POST /in', 'Answer')));
  const send = async (body: string, headers: Record<string, string> = { 'content-type': 'text/plain' }) =>
    call(await begin(), '/in', { method: 'POST', headers, body });

  it.each([
    ['10 MB', 10 * MEGABYTE + 1],
    ["Lambda's limit of an event", 6 * MEGABYTE],
  ])('gets 413 when its body exceeds %s', async (_, bytes) => {
    const response = await send('x'.repeat(bytes));
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual({ message: 'Request Entity Too Large' });
  });

  it('is accepted just below the limit', async () => {
    const body = JSON.stringify({ statusCode: 204, padding: 'x'.repeat(5 * MEGABYTE) });
    expect((await send(body)).status).toBe(204);
  });

  it('gets 431 when its request line and header values exceed 10,240 bytes in total', async () => {
    const cloud = await begin();
    const status = async (bytes: number) => {
      const answer = await sendHead(cloud, 'POST /in HTTP/1.1', bytes);
      return Number(answer.split(' ')[1]);
    };
    expect(await status(10_240)).not.toBe(431);
    expect(await status(10_241)).toBe(431);
    expect(await sendHead(cloud, 'POST /in HTTP/1.1', 20_000)).toContain(
      '{"message":"Request Header Fields Too Large"}',
    );
  });
});

/** Sends a head whose request line and header values have that many bytes. */
async function sendHead({ apiEndpoint }: Cloud, requestLine: string, bytes: number): Promise<string> {
  const { hostname, port, host } = new URL(apiEndpoint);
  const [close, length] = ['close', '0'];
  const filling = bytes - requestLine.length - host.length - close.length - length.length;
  const headers = { host, connection: close, 'content-length': length, 'x-filling': 'x'.repeat(filling) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const socket = connect(Number(port), hostname);
  socket.write([requestLine, ...lines, '', ''].join('\r\n'));
  return text(socket);
}
