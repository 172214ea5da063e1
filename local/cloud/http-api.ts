import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { closeServer, createLoopbackServer, HOST } from '../loopback-server.ts';
import { type AccessFacts, formatAccessLog } from './http-access-log.ts';
import { authorize } from './http-authorizer.ts';
import {
  gatewayResponse,
  type HttpResponse,
  type RequestEvent,
  type RequestFacts,
  toHttpResponse,
  toIntegrationEvent,
  toRequestEvent,
} from './http-event.ts';
import { type Route, readRoutes, type Stage } from './http-routes.ts';
import { EVENT_TOO_LARGE, type Lambda } from './lambda.ts';
import type { Logs } from './logs.ts';
import { listen } from './ports.ts';
import type { Stack } from './stack.ts';
import { within } from './within.ts';

/** A listening server whose requests wait until the API is up. */
export interface ApiServer {
  port: number;
  server: Server;
  handleWith(handler: RequestListener): void;
  close(): Promise<void>;
}

export interface HttpApiOptions {
  stack: Stack;
  apiServer: ApiServer;
  lambda: Pick<Lambda, 'invoke'>;
  logs: Pick<Logs, 'append'>;
}

/** API Gateway's own limits. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const BODY_LIMIT_BYTES = 10 * 1024 * 1024;
const HEAD_LIMIT_BYTES = 10_240;
/** Node.js itself refuses a larger head. */
const NODE_HEAD_LIMIT_BYTES = 64 * 1024;

/**
 * Listens before the API is up. The template needs the port early, and another program could take it until then.
 *
 * @throws {PortTaken} when the port is in use
 */
export async function openApiServer(port: number, requestLimitMs?: number): Promise<ApiServer> {
  const handler = Promise.withResolvers<RequestListener>();
  const options = { maxHeaderSize: NODE_HEAD_LIMIT_BYTES, requestLimitMs };
  const server = createLoopbackServer(options, (request, response) => {
    void handler.promise.then((handle) => handle(request, response));
  });
  return {
    port: await listen(server, port, 'api'),
    server,
    handleWith: handler.resolve,
    close: () => closeServer(server),
  };
}

/** Starts the HTTP API of the template. Without one, the server is closed. */
export async function startHttpApi({ stack, apiServer, lambda, logs }: HttpApiOptions): Promise<void> {
  const [api] = stack.all('AWS::ApiGatewayV2::Api');
  const [stage] = stack.all('AWS::ApiGatewayV2::Stage');
  if (api === undefined || stage === undefined) return apiServer.close();
  let handler: RequestListener = () => {};
  const server = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 10_000 },
    serverFactory: (handle) => {
      handler = handle;
      return apiServer.server;
    },
    // For a path that cannot be decoded.
    frameworkErrors: (_error, _request, reply) => {
      void send(reply, gatewayResponse(400, 'Bad Request'), randomUUID());
    },
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  // Fastify would refuse unknown media types. API Gateway accepts them; the event is built from the raw headers.
  server.addHook('onRequest', async ({ headers, raw }, reply) => {
    headers['content-type'] = 'application/octet-stream';
    if (headBytes(raw) <= HEAD_LIMIT_BYTES) return;
    await send(reply, gatewayResponse(431, 'Request Header Fields Too Large'), randomUUID());
  });
  const gateway: Gateway = {
    identity: { apiId: api.logicalId, domainName: `${HOST}:${apiServer.port}` },
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
  await server.ready();
  apiServer.handleWith(handler);
}

/** Size of the request line and all header values. */
function headBytes({ method = '', url = '', httpVersion, rawHeaders }: IncomingMessage): number {
  const values = rawHeaders.filter((_, index) => index % 2 === 1);
  return Buffer.byteLength(`${method} ${url} HTTP/${httpVersion}`) + Buffer.byteLength(values.join(''));
}

interface Gateway {
  identity: Pick<RequestFacts, 'apiId' | 'domainName'>;
  stage: Stage;
  lambda: Pick<Lambda, 'invoke'>;
  logs: Pick<Logs, 'append'>;
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

interface RouteGateway extends Gateway {
  route: Route | undefined;
}

async function handle(request: FastifyRequest, reply: FastifyReply, gateway: RouteGateway): Promise<void> {
  const startedAt = performance.now();
  const requestId = randomUUID();
  const routeKey = gateway.route?.routeKey ?? '-';
  const event = toRequestEvent(request, {
    ...gateway.identity,
    requestId,
    routeKey,
    receivedAt: new Date(),
  });
  const { response, ...facts } = await respond(request, event, gateway);
  const body = Buffer.from(response.body);
  const latencyMs = performance.now() - startedAt;
  logAccess(gateway, {
    event,
    status: response.statusCode,
    responseLength: body.length,
    latencyMs,
    ...facts,
  });
  await send(reply, { ...response, body }, requestId);
}

type Outcome = { response: HttpResponse } & Partial<AccessFacts>;

async function respond(
  request: FastifyRequest,
  event: RequestEvent,
  gateway: RouteGateway,
): Promise<Outcome> {
  const { route, lambda } = gateway;
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

async function integrate(route: Route, event: object, lambda: Pick<Lambda, 'invoke'>): Promise<Outcome> {
  const startedAt = performance.now();
  const result = await within(route.timeoutMs, lambda.invoke(route.functionName, event));
  const latencyMs = performance.now() - startedAt;
  // A body can be within API Gateway's limit and the event too large, because Base64 adds a third.
  if (result && 'error' in result && result.error === EVENT_TOO_LARGE) {
    return refused(gatewayResponse(413, 'Request Entity Too Large'), 'Request Entity Too Large');
  }
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

const refused = (response: HttpResponse, errorMessage: string): Outcome => ({ response, errorMessage });

function logAccess({ stage, logs }: Gateway, facts: AccessFacts): void {
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
