import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { closeServer, createLoopbackServer, HOST, type Refusal } from '../loopback-server.ts';
import { inXml, refuseOperation } from './aws-refusal.ts';
import { type Answer, AwsError, type AwsService, isTooDeep, MAX_JSON_LEVELS } from './aws-service.ts';
import { collect } from './collect.ts';
import type { EngineClient } from './engine-client.ts';
import { listen } from './ports.ts';
import { parseQuery, type QueryService, queryAnswer } from './query-protocol.ts';

export interface AwsEndpoint {
  url: string;
  /** Adds a service. Its operations are unknown until then. */
  serve(service: AwsService): void;
  /** Adds a service of the Query protocol. */
  serveQuery(service: QueryService): void;
  /** Forwards requests for this target to an engine. */
  passThrough(target: string, engine: Pick<EngineClient, 'send'>): void;
  /** Sets the answer of `GET /_health`. */
  setHealth(health: object): void;
  close(): Promise<void>;
}

export interface AwsEndpointOptions {
  port: number;
  /** The time for receiving a request. Default: that of `createLoopbackServer`. */
  requestLimitMs?: number | undefined;
  /** Receives unexpected errors; the client sees only a request id. */
  warn: (message: string) => void;
}

/** Serves all AWS services on one port, as `AWS_ENDPOINT_URL` expects. */
export async function startAwsEndpoint(options: AwsEndpointOptions): Promise<AwsEndpoint> {
  const { port, requestLimitMs, warn } = options;
  const services = new Map<string, AwsService>();
  const queryServices = new Map<string, QueryService>();
  const engines = new Map<string, Pick<EngineClient, 'send'>>();
  let health: object = {};

  const server = createLoopbackServer({ requestLimitMs, describe }, (incoming, outgoing) => {
    if (incoming.method === 'GET' && incoming.url === '/_health') {
      return send(outgoing, 200, 'application/json', health);
    }
    const [target = '', operation = ''] = String(incoming.headers['x-amz-target'] ?? '').split('.');
    const handlers = { service: services.get(target), engine: engines.get(target), queryServices };
    void answer(incoming, outgoing, { ...handlers, target, operation, warn });
  });
  const bound = await listen(server, port, 'aws');
  return {
    url: `http://${HOST}:${bound}`,
    serve: (service) => void services.set(service.target, service),
    serveQuery: (service) => void queryServices.set(service.name, service),
    passThrough: (target, engine) => void engines.set(target, engine),
    setHealth: (described) => {
      health = described;
    },
    close: () => closeServer(server),
  };
}

function describe({ status, message }: Refusal): object {
  const isForeign = status === 403;
  return { __type: isForeign ? 'AccessDeniedException' : 'BadRequestException', message };
}

interface Call {
  service: AwsService | undefined;
  engine: Pick<EngineClient, 'send'> | undefined;
  queryServices: ReadonlyMap<string, QueryService>;
  target: string;
  operation: string;
  warn: (message: string) => void;
}

async function answer(incoming: IncomingMessage, outgoing: ServerResponse, call: Call): Promise<void> {
  const { service, engine, target, operation: name, warn } = call;
  const protocol = service?.protocol ?? 'application/x-amz-json-1.0';
  const body = await collect(incoming).catch(() => undefined);
  // The client has gone away.
  if (body === undefined) return;
  try {
    if (engine !== undefined) return await forward(incoming, outgoing, { engine, body });
    const isOurs = service !== undefined && Object.hasOwn(service.operations, name);
    const operation = isOurs ? service.operations[name] : undefined;
    if (operation !== undefined) send(outgoing, 200, protocol, await operation(parse(body)));
    else
      write(
        outgoing,
        (requestId) =>
          answerQuery(incoming, { body, requestId }, call) ?? refuseOperation(incoming, body, requestId),
      );
  } catch (error) {
    const isExpected = error instanceof AwsError;
    if (!isExpected) warn(`${target}.${name}: ${error instanceof Error ? error.stack : String(error)}`);
    const failure = isExpected ? error : new AwsError('InternalFailure', 'The request failed.', 500);
    sendError(outgoing, failure, { 'content-type': protocol, ...service?.errorHeaders?.(failure) });
  }
}

/** @returns undefined if the request does not call a service of the Query protocol that is available here. */
function answerQuery(
  incoming: IncomingMessage,
  { body, requestId }: { body: Buffer; requestId: string },
  { target, queryServices }: Pick<Call, 'target' | 'queryServices'>,
): Answer | undefined {
  const query = target === '' ? parseQuery(incoming, body) : undefined;
  const service = query && queryServices.get(query.service);
  if (!service || !Object.hasOwn(service.operations, query.operation)) return undefined;
  try {
    const fields = service.operations[query.operation]?.(query.input) ?? {};
    return queryAnswer(query, { namespace: service.namespace, fields }, requestId);
  } catch (error) {
    if (error instanceof AwsError) return inXml(error.status, 'ErrorResponse')(error, requestId);
    throw error;
  }
}

function parse(body: Buffer): unknown {
  const invalid = (why: string) => new AwsError('SerializationException', `The request body is ${why}.`);
  let value: unknown;
  try {
    value = body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
  } catch {
    throw invalid('not JSON');
  }
  if (isTooDeep(value)) throw invalid(`nested more than ${MAX_JSON_LEVELS} levels deep`);
  return value;
}

function send(outgoing: ServerResponse, status: number, contentType: string, body: object): void {
  write(outgoing, () => ({ status, headers: { 'content-type': contentType }, body: JSON.stringify(body) }));
}

function sendError(
  outgoing: ServerResponse,
  { type, message, status }: AwsError,
  headers: Record<string, string>,
): void {
  write(outgoing, () => ({
    status,
    headers: { ...headers, 'x-amzn-errortype': type },
    body: JSON.stringify({ __type: type, message }),
  }));
}

function write(outgoing: ServerResponse, make: (requestId: string) => Answer): void {
  const requestId = randomUUID();
  const { status, headers, body } = make(requestId);
  outgoing.writeHead(status, { ...headers, 'x-amzn-requestid': requestId });
  outgoing.end(body);
}

const UNKNOWN_OPERATION = /"__type":\s*"[^"]*\bUnknownOperationException"/;

interface Forwarded {
  engine: Pick<EngineClient, 'send'>;
  body: Buffer;
}

async function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { engine, body }: Forwarded,
): Promise<void> {
  const { method = 'POST', headers, url: path = '/' } = incoming;
  const answered = await engine.send({ method, path, headers, body });
  // The engine's error does not name the unknown operation.
  if (answered.status === 400 && UNKNOWN_OPERATION.test(answered.body.toString('utf8'))) {
    return write(outgoing, (requestId) => refuseOperation(incoming, body, requestId));
  }
  outgoing.writeHead(answered.status, answered.headers).end(answered.body);
}
