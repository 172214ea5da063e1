import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { HOST, listen } from './ports.ts';

/** An error that an AWS client sees by its type. */
export class AwsError extends Error {
  readonly type: string;
  readonly status: number;

  constructor(type: string, message: string, status = 400) {
    super(message);
    this.name = type;
    this.type = type;
    this.status = status;
  }
}

/** One service of the AWS JSON protocol, and its operations by name. */
export interface AwsService {
  /** What precedes the operation in X-Amz-Target. */
  target: string;
  protocol: 'application/x-amz-json-1.0' | 'application/x-amz-json-1.1';
  operations: Record<string, (input: unknown) => object | Promise<object>>;
}

export interface AwsEndpoint {
  url: string;
  /** Services come up one after another; until then their operations are unknown. */
  serve(service: AwsService): void;
  /** Hands requests for this target to another server, byte for byte. */
  passThrough(target: string, url: string): void;
  /** What `GET /_health` answers. */
  describe(health: object): void;
  close(): Promise<void>;
}

export interface AwsEndpointOptions {
  port: number;
  /** Told of errors that are nobody's answer; the client gets a request id and nothing else. */
  warn: (message: string) => void;
}

/** One port for every service of AWS that runs here, as `AWS_ENDPOINT_URL` expects. */
export async function startAwsEndpoint({ port, warn }: AwsEndpointOptions): Promise<AwsEndpoint> {
  const services = new Map<string, AwsService>();
  const engines = new Map<string, string>();
  let health: object = {};

  const server = createServer((incoming, outgoing) => {
    const [target = '', operation = ''] = String(incoming.headers['x-amz-target'] ?? '').split('.');
    const engine = engines.get(target);
    if (incoming.method === 'GET' && incoming.url === '/_health')
      send(outgoing, 200, 'application/json', health);
    else if (engine !== undefined) pipe(incoming, outgoing, engine);
    else void answer(incoming, outgoing, { service: services.get(target), target, operation, warn });
  });
  const bound = await listen(server, port, 'aws');
  return {
    url: `http://${HOST}:${bound}`,
    serve: (service) => void services.set(service.target, service),
    passThrough: (target, url) => void engines.set(target, url),
    describe: (described) => {
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
  const protocol = call.service?.protocol ?? 'application/x-amz-json-1.0';
  try {
    const body = await readBody(incoming);
    const operation = call.service?.operations[call.operation];
    if (operation === undefined) {
      throw new AwsError('UnknownOperationException', `${call.target}.${call.operation} does not run here.`);
    }
    send(outgoing, 200, protocol, await operation(parse(body)));
  } catch (error) {
    if (error instanceof AwsError) {
      send(outgoing, error.status, protocol, { __type: error.type, message: error.message });
      return;
    }
    call.warn(`${call.target}.${call.operation}: ${error instanceof Error ? error.stack : String(error)}`);
    send(outgoing, 500, protocol, { __type: 'InternalFailure', message: 'The request failed here.' });
  }
}

function parse(body: Buffer): unknown {
  try {
    return body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
  } catch {
    throw new AwsError('SerializationException', 'The request is not JSON.');
  }
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function send(outgoing: ServerResponse, status: number, contentType: string, body: object): void {
  outgoing.writeHead(status, { 'content-type': contentType, 'x-amzn-requestid': randomUUID() });
  outgoing.end(JSON.stringify(body));
}

function pipe(incoming: IncomingMessage, outgoing: ServerResponse, engine: string): void {
  const { method = 'POST', headers, url = '/' } = incoming;
  const forwarded = request(new URL(url, engine), { method, headers }, (answered) => {
    outgoing.writeHead(answered.statusCode ?? 502, answered.headers);
    answered.pipe(outgoing);
  });
  forwarded.on('error', (error) => {
    const body = { __type: 'ServiceUnavailable', message: `${engine} does not answer: ${error.message}` };
    if (!outgoing.headersSent) send(outgoing, 503, 'application/x-amz-json-1.0', body);
    else outgoing.destroy();
  });
  incoming.pipe(forwarded);
}
