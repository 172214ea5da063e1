import {
  APIGatewayProxyEventV2Schema,
  APIGatewayRequestAuthorizerEventV2Schema,
} from '@aws-lambda-powertools/parser/schemas/api-gatewayv2';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { route } from '../../../support/cloud/assembly.ts';
import { clouds, messagesIn } from '../../../support/cloud/clouds.ts';
import { call, eventOf, fixture, guarded } from './http-support.ts';

const start = clouds();

/** Rejects unknown fields. */
const strictly = ({
  shape,
}: typeof APIGatewayProxyEventV2Schema | typeof APIGatewayRequestAuthorizerEventV2Schema) =>
  z.strictObject({ ...shape, requestContext: shape.requestContext.strict() });

describe('payload format 2.0', () => {
  const echo = () => start(fixture(route('Post', 'POST /in', 'Echo')));

  it('contains the whole request', async () => {
    const cloud = await echo();
    const response = await call(cloud, '/in?a=1&a=2&b=x%20y', {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'X-Custom': 'v',
        cookie: 'p=1; q=2',
        'user-agent': 'test/1',
      },
      body: '{"in":true}',
    });
    const event = await eventOf(response);
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'POST /in',
      rawPath: '/in',
      rawQueryString: 'a=1&a=2&b=x%20y',
      cookies: ['p=1', 'q=2'],
      headers: { 'x-custom': 'v', 'content-type': 'application/json' },
      queryStringParameters: { a: '1,2', b: 'x y' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'Api',
        domainPrefix: 'Api',
        http: {
          method: 'POST',
          path: '/in',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'test/1',
        },
        requestId: response.headers.get('apigw-requestid'),
        routeKey: 'POST /in',
        stage: '$default',
        time: expect.stringMatching(/^\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} \+0000$/),
        timeEpoch: expect.any(Number),
      },
      body: '{"in":true}',
      isBase64Encoded: false,
    });
    expect(event['headers']).not.toHaveProperty('cookie');
    expect(event).not.toHaveProperty('pathParameters');
  });

  it.each([
    ['application/json; charset=utf-8', false],
    ['text/plain', false],
    ['application/x-www-form-urlencoded', true],
    ['application/octet-stream', true],
    ['no media type at all', true],
  ])('encodes a body of type %s in Base64: %s', async (type, isBase64Encoded) => {
    const cloud = await echo();
    const body = Buffer.from('a=1&b=é');
    const response = await call(cloud, '/in', { method: 'POST', headers: { 'content-type': type }, body });
    const encoded = body.toString(isBase64Encoded ? 'base64' : 'utf8');
    expect(await eventOf(response)).toMatchObject({ body: encoded, isBase64Encoded });
  });

  it('joins repeated values by commas, and appends the client to x-forwarded-for', async () => {
    const cloud = await echo();
    const event = await eventOf(
      await call(cloud, '/in?a=1&a=2', {
        method: 'POST',
        headers: [
          ['x-list', 'one'],
          ['x-list', 'two'],
          ['x-forwarded-for', '203.0.113.7'],
        ],
      }),
    );
    expect(event).toMatchObject({
      headers: {
        'x-list': expect.stringMatching(/^one, ?two$/),
        'x-forwarded-for': '203.0.113.7, 127.0.0.1',
        'x-forwarded-proto': 'http',
        'x-forwarded-port': String(new URL(cloud.apiEndpoint).port),
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
      },
      queryStringParameters: { a: '1,2' },
    });
  });

  it('has exactly the published shape', async () => {
    const cloud = await start(fixture(route('Post', 'POST /in/{id}', 'Echo', guarded)));
    const event = await eventOf(
      await call(cloud, '/in/1?a=1', {
        method: 'POST',
        headers: { authorization: 'good', cookie: 'p=1', 'content-type': 'text/plain' },
        body: 'text',
      }),
    );
    expect(strictly(APIGatewayProxyEventV2Schema).parse(event)).toEqual(event);
  });

  it('accepts a POST without body and content type', async () => {
    const event = await eventOf(await call(await echo(), '/in'));
    expect(event).not.toHaveProperty('body');
    expect(event).toMatchObject({ isBase64Encoded: false });
  });
});

describe('the authorizer', () => {
  const begin = () => start(fixture(route('Post', 'POST /guarded', 'Echo', guarded)));
  const withToken = (authorization: string) => ({ method: 'POST', headers: { authorization } });

  it('is not invoked when its identity source is missing', async () => {
    const cloud = await begin();
    const response = await call(cloud, '/guarded');
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ message: 'Unauthorized' });
    await expect(messagesIn(cloud, '/aws/lambda/guard')).rejects.toThrow('does not exist');
  });

  it.each([
    ['bad', 401, 'Unauthorized'],
    ['other', 403, 'Forbidden'],
    ['crash', 500, 'Internal Server Error'],
    ['odd', 500, 'Internal Server Error'],
  ])('maps the token %s to %i', async (token, status, message) => {
    const response = await call(await begin(), '/guarded', withToken(token));
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ message });
  });

  it('receives an event of exactly the published shape', async () => {
    const event = await eventOf(await call(await begin(), '/guarded?a=1', withToken('echo')));
    const { event: asked } = z
      .object({ authorizer: z.object({ lambda: z.object({ event: z.unknown() }) }) })
      .parse(event['requestContext']).authorizer.lambda;
    expect(strictly(APIGatewayRequestAuthorizerEventV2Schema).parse(asked)).toEqual(asked);
  });

  it('passes its context on to the function', async () => {
    const event = await eventOf(await call(await begin(), '/guarded', withToken('good')));
    expect(event).toMatchObject({
      requestContext: {
        authorizer: {
          lambda: {
            sub: 'me',
            scopes: ['a'],
            type: 'REQUEST',
            identitySource: ['good'],
            routeArn: 'arn:aws:execute-api:us-east-1:000000000000:Api/$default/POST/guarded',
          },
        },
      },
    });
  });
});
