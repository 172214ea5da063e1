import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { PortTaken } from './errors.ts';
import { type AccessFacts, formatAccessLog } from './http-access-log.ts';
import { type Authorizer, authorize } from './http-authorizer.ts';
import {
  gatewayResponse,
  type HttpResponse,
  type RequestEvent,
  type RequestFacts,
  toHttpResponse,
  toIntegrationEvent,
  toRequestEvent,
} from './http-event.ts';
import type { Lambda } from './lambda.ts';
import type { Logs } from './logs.ts';
import { HOST } from './ports.ts';
import type { PropertiesOf } from './resource-types.ts';
import type { Stack } from './stack.ts';
import { createTokenBucket, type TokenBucket } from './token-bucket.ts';
import { within } from './within.ts';

type Stage = PropertiesOf<'AWS::ApiGatewayV2::Stage'>;

/** A route with what it leads to, found and joined before the first request. */
interface Route {
  routeKey: string;
  functionName: string;
  timeoutMs: number;
  authorizer: { properties: Authorizer; functionName: string } | undefined;
  bucket: TokenBucket;
}

export interface HttpApi {
  close(): Promise<void>;
}

export interface HttpApiOptions {
  stack: Stack;
  port: number;
  lambda: Pick<Lambda, 'invoke'>;
  logs: Pick<Logs, 'append'>;
}

/** API Gateway's own limit of a payload. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const BODY_LIMIT_BYTES = 10 * 1024 * 1024;

/** The HTTP API of the template. A template without one opens no port. */
export async function startHttpApi({ stack, port, lambda, logs }: HttpApiOptions): Promise<HttpApi> {
  const [api] = stack.all('AWS::ApiGatewayV2::Api');
  const [stage] = stack.all('AWS::ApiGatewayV2::Stage');
  if (api === undefined || stage === undefined) return { close: async () => {} };
  const server = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 10_000 },
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  // Fastify refuses media types that it cannot read; API Gateway passes them on, and the event has what was sent.
  server.addHook('onRequest', async ({ headers }) => {
    headers['content-type'] = 'application/octet-stream';
  });
  const gateway: Gateway = {
    identity: { apiId: api.logicalId, domainName: `${HOST}:${port}` },
    stage: stage.properties,
    lambda,
    logs,
  };
  const routes = readRoutes(stack, stage.properties);
  for (const route of routes) addRoute(server, route, gateway);
  const fallback = routes.find(({ routeKey }) => routeKey === '$default');
  server.setNotFoundHandler((request, reply) => handle(request, reply, { ...gateway, route: fallback }));
  server.setErrorHandler((error: { statusCode?: number }, _request, reply) => {
    const isTooLarge = error.statusCode === 413;
    const answer = isTooLarge ? gatewayResponse(413, 'Request Entity Too Large') : serverError();
    return send(reply, answer, randomUUID());
  });
  await listenOn(server, port);
  return { close: () => server.close() };
}

interface Gateway {
  identity: Pick<RequestFacts, 'apiId' | 'domainName'>;
  stage: Stage;
  lambda: Pick<Lambda, 'invoke'>;
  logs: Pick<Logs, 'append'>;
}

async function listenOn(server: FastifyInstance, port: number): Promise<void> {
  try {
    await server.listen({ host: HOST, port });
  } catch (error) {
    await server.close();
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
      throw new PortTaken('api', port);
    throw error;
  }
}

/** What the resources of the API say together, or what is missing between them. */
export function faultsOfApi(stack: Stack): string[] {
  const faults: string[] = [];
  const apis = stack.all('AWS::ApiGatewayV2::Api');
  const stages = stack.all('AWS::ApiGatewayV2::Stage');
  if (apis.length > 1) faults.push('AWS::ApiGatewayV2::Api: only one API can run here');
  if (stages.length !== apis.length)
    faults.push('AWS::ApiGatewayV2::Stage: an API needs its $default stage here');
  for (const { logicalId, properties } of stack.all('AWS::ApiGatewayV2::Route')) {
    const { integration, authorizer } = leadsTo(stack, properties);
    if (integration === undefined) faults.push(`${logicalId}: AWS::ApiGatewayV2::Route has no integration`);
    if (properties.AuthorizationType === 'CUSTOM' && authorizer === undefined) {
      faults.push(`${logicalId}: AWS::ApiGatewayV2::Route has no authorizer`);
    }
  }
  const routeKeys = new Set(
    stack.all('AWS::ApiGatewayV2::Route').map(({ properties }) => properties.RouteKey),
  );
  for (const { logicalId, properties } of stages) {
    const unknown = Object.keys(properties.RouteSettings).filter((routeKey) => !routeKeys.has(routeKey));
    faults.push(
      ...unknown.map((key) => `${logicalId}: AWS::ApiGatewayV2::Stage has settings of no route: ${key}`),
    );
  }
  return faults;
}

function leadsTo(stack: Stack, { Target, AuthorizerId }: PropertiesOf<'AWS::ApiGatewayV2::Route'>) {
  const integrationId = Target.replace('integrations/', '');
  return {
    integration: stack.all('AWS::ApiGatewayV2::Integration').find(({ name }) => name === integrationId),
    authorizer: stack.all('AWS::ApiGatewayV2::Authorizer').find(({ name }) => name === AuthorizerId),
  };
}

function readRoutes(stack: Stack, stage: Stage): Route[] {
  return stack.all('AWS::ApiGatewayV2::Route').flatMap(({ properties }) => {
    const { integration, authorizer } = leadsTo(stack, properties);
    if (integration === undefined) return [];
    return {
      routeKey: properties.RouteKey,
      functionName: functionIn(integration.properties.IntegrationUri),
      timeoutMs: integration.properties.TimeoutInMillis,
      authorizer: authorizer && {
        properties: authorizer.properties,
        functionName: functionIn(authorizer.properties.AuthorizerUri),
      },
      bucket: bucketOf(stage, properties.RouteKey),
    };
  });
}

/** A URI is a function's ARN, or API Gateway's own path around one. */
const functionIn = (uri: string) => uri.replace(/^.*\/functions\//, '').replace(/\/invocations$/, '');

/** Each route has a bucket of its own; the stage's settings are the default of each. */
function bucketOf({ DefaultRouteSettings, RouteSettings }: Stage, routeKey: string): TokenBucket {
  const settings = { ...DefaultRouteSettings, ...RouteSettings[routeKey] };
  return createTokenBucket({
    ratePerSecond: settings.ThrottlingRateLimit ?? 10_000,
    burst: settings.ThrottlingBurstLimit ?? 5_000,
  });
}

function addRoute(server: FastifyInstance, route: Route, gateway: Gateway): void {
  const [method = '', path] = route.routeKey.split(' ');
  if (path === undefined) return;
  server.route({
    method: method === 'ANY' ? server.supportedMethods : method,
    url: path.replace(/\{[^}]+\+\}/, '*').replaceAll(/\{([^}]+)\}/g, ':$1'),
    handler: (request, reply) => handle(request, reply, { ...gateway, route }),
  });
}

interface Handling extends Gateway {
  route: Route | undefined;
}

async function handle(request: FastifyRequest, reply: FastifyReply, handling: Handling): Promise<void> {
  const startedAt = performance.now();
  const requestId = randomUUID();
  const routeKey = handling.route?.routeKey ?? '-';
  const event = toRequestEvent(request, {
    ...handling.identity,
    requestId,
    routeKey,
    receivedAt: new Date(),
  });
  const { response, ...facts } = await respond(request, event, handling);
  const body = Buffer.from(response.body);
  const latencyMs = performance.now() - startedAt;
  log(handling, { event, status: response.statusCode, responseLength: body.length, latencyMs, ...facts });
  await send(reply, { ...response, body }, requestId);
}

type Responded = { response: HttpResponse } & Partial<AccessFacts>;

async function respond(request: FastifyRequest, event: RequestEvent, handling: Handling): Promise<Responded> {
  const { route, lambda } = handling;
  if (route === undefined) return refused(gatewayResponse(404, 'Not Found'), 'Not Found');
  if (!route.bucket.take()) return refused(gatewayResponse(429, 'Too Many Requests'), 'Too Many Requests');
  const { authorizer } = route;
  const authorization =
    authorizer &&
    (await authorize(authorizer.properties, event, (payload) =>
      lambda.invoke(authorizer.functionName, payload),
    ));
  if (authorization && 'refused' in authorization) {
    return { response: authorization.refused, authorizerError: authorization.error };
  }
  const authorizerContext = authorization?.context;
  const integrated = await integrate(route, toIntegrationEvent(request, event, authorizerContext), lambda);
  return { ...integrated, authorizerContext };
}

async function integrate(route: Route, event: object, lambda: Pick<Lambda, 'invoke'>): Promise<Responded> {
  const startedAt = performance.now();
  const result = await within(route.timeoutMs, lambda.invoke(route.functionName, event));
  const latencyMs = performance.now() - startedAt;
  const response = result && toHttpResponse(result);
  if (result === undefined) {
    const integration = { latencyMs, status: 504, error: 'The integration timed out' };
    return { ...refused(gatewayResponse(503, 'Service Unavailable'), 'Service Unavailable'), integration };
  }
  if (response === undefined) {
    const error = 'error' in result ? result.error.errorMessage : 'The response is not in payload format 2.0';
    return {
      ...refused(serverError(), 'Internal Server Error'),
      integration: { latencyMs, status: 500, error },
    };
  }
  return { response, integration: { latencyMs, status: response.statusCode } };
}

const serverError = () => gatewayResponse(500, 'Internal Server Error');

const refused = (response: HttpResponse, errorMessage: string): Responded => ({ response, errorMessage });

function log({ stage, logs }: Handling, facts: AccessFacts): void {
  if (stage.AccessLogSettings === undefined) return;
  const { DestinationArn, Format } = stage.AccessLogSettings;
  logs.append(DestinationArn.replace(/^.*:log-group:([^:]+).*$/, '$1'), {
    timestamp: facts.event.requestContext.timeEpoch,
    message: formatAccessLog(Format, facts),
    logStreamName: facts.event.requestContext.apiId,
  });
}

function send(reply: FastifyReply, { statusCode, headers, cookies, body }: HttpResponse, requestId: string) {
  const { 'content-length': _length, connection: _connection, ...own } = headers;
  if (cookies.length > 0) reply.header('set-cookie', cookies);
  return reply
    .code(statusCode)
    .headers({ ...own, 'apigw-requestid': requestId })
    .send(body);
}
