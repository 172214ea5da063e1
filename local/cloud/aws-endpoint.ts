import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type Answer, refuseOperation } from './aws-refusal.ts';
import { AwsError, type AwsService, isTooDeep, MAX_JSON_LEVELS } from './aws-service.ts';
import { isForeign } from './loopback-only.ts';
import { HOST, listen } from './ports.ts';

export interface AwsEndpoint {
  url: string;
  /** Adds a service. Its operations are unknown until then. */
  serve(service: AwsService): void;
  /** Forwards requests for this target to another server unchanged. */
  passThrough(target: string, url: string): void;
  /** Sets the answer of `GET /_health`. */
  setHealth(health: object): void;
  close(): Promise<void>;
}

export interface AwsEndpointOptions {
  port: number;
  /** Receives unexpected errors; the client sees only a request id. */
  warn: (message: string) => void;
}

/** Serves all AWS services on one port, as `AWS_ENDPOINT_URL` expects. */
export async function startAwsEndpoint({ port, warn }: AwsEndpointOptions): Promise<AwsEndpoint> {
  const services = new Map<string, AwsService>();
  const engines = new Map<string, string>();
  let health: object = {};

  const server = createServer((incoming, outgoing) => {
    const [target = '', operation = ''] = String(incoming.headers['x-amz-target'] ?? '').split('.');
    const engine = engines.get(target);
    if (isForeign(incoming)) {
      const message = 'This endpoint answers only requests that are addressed to a loopback host.';
      send(outgoing, 403, 'application/x-amz-json-1.0', { __type: 'AccessDeniedException', message });
    } else if (incoming.method === 'GET' && incoming.url === '/_health')
      send(outgoing, 200, 'application/json', health);
    else if (engine !== undefined) pipe(incoming, outgoing, engine);
    else void answer(incoming, outgoing, { service: services.get(target), target, operation, warn });
  });
  const bound = await listen(server, port, 'aws');
  return {
    url: `http://${HOST}:${bound}`,
    serve: (service) => void services.set(service.target, service),
    passThrough: (target, url) => void engines.set(target, url),
    setHealth: (described) => {
      health = described;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Call {
  service: AwsService | undefined;
  target: string;
  operation: string;
  warn: (message: string) => void;
}

async function answer(incoming: IncomingMessage, outgoing: ServerResponse, call: Call): Promise<void> {
  const { service, target, operation: name, warn } = call;
  const protocol = service?.protocol ?? 'application/x-amz-json-1.0';
  try {
    const body = await buffer(incoming);
    const isOurs = service !== undefined && Object.hasOwn(service.operations, name);
    const operation = isOurs ? service.operations[name] : undefined;
    if (operation !== undefined) send(outgoing, 200, protocol, await operation(parse(body)));
    else write(outgoing, (requestId) => refuseOperation(incoming, body, requestId));
  } catch (error) {
    if (error instanceof AwsError) return sendError(outgoing, protocol, error);
    warn(`${target}.${name}: ${error instanceof Error ? error.stack : String(error)}`);
    sendError(outgoing, protocol, new AwsError('InternalFailure', 'The request failed.', 500));
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

function sendError(outgoing: ServerResponse, contentType: string, { type, message, status }: AwsError): void {
  const headers = { 'content-type': contentType, 'x-amzn-errortype': type };
  write(outgoing, () => ({ status, headers, body: JSON.stringify({ __type: type, message }) }));
}

function write(outgoing: ServerResponse, make: (requestId: string) => Answer): void {
  const requestId = randomUUID();
  const { status, headers, body } = make(requestId);
  outgoing.writeHead(status, { ...headers, 'x-amzn-requestid': requestId });
  outgoing.end(body);
}

const UNKNOWN_OPERATION = /"__type":\s*"[^"]*\bUnknownOperationException"/;

function pipe(incoming: IncomingMessage, outgoing: ServerResponse, engine: string): void {
  const { method = 'POST', headers, url = '/' } = incoming;
  const forwarded = request(new URL(url, engine), { method, headers }, (answered) => {
    const pass = () => outgoing.writeHead(answered.statusCode ?? 502, answered.headers);
    if (answered.statusCode !== 400) return void answered.pipe(pass());
    buffer(answered).then(
      (body) => {
        // The engine's error does not name the unknown operation.
        if (!UNKNOWN_OPERATION.test(body.toString('utf8'))) return void pass().end(body);
        write(outgoing, (requestId) => refuseOperation(incoming, body, requestId));
      },
      () => outgoing.destroy(),
    );
  });
  forwarded.on('error', (error) => {
    const failure = new AwsError('ServiceUnavailable', `${engine} does not answer: ${error.message}`, 503);
    if (!outgoing.headersSent) sendError(outgoing, 'application/x-amz-json-1.0', failure);
    else outgoing.destroy();
  });
  incoming.pipe(forwarded);
}
