import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';

/** Servers listen on the loopback interface only. */
export const HOST = '127.0.0.1';

const LOOPBACK_HOSTS: readonly string[] = [HOST, 'localhost', '[::1]'];

/** Far longer than any request takes on one machine. */
const REQUEST_LIMIT_MS = 30_000;
/** How often Node.js looks for requests that have exceeded the limit, unless the limit is shorter. */
const CHECK_MS = 1_000;

/** A request that is answered before it reaches the handler. */
export interface Refusal {
  status: number;
  message: string;
}

export interface LoopbackServerOptions extends Pick<ServerOptions, 'maxHeaderSize' | 'keepAliveTimeout'> {
  /** Names by which clients call this server besides those of the loopback interface. */
  otherHosts?: readonly string[];
  /** The time for receiving a request with its body. Default: 30 s. */
  requestLimitMs?: number | undefined;
  /** The JSON body of a refusal. Default: its message. */
  describe?: (refusal: Refusal) => object;
}

/**
 * Creates an HTTP server as all servers on this machine must be: it does not answer web pages of other hosts, and does
 * not wait forever for the rest of a request.
 */
export function createLoopbackServer(options: LoopbackServerOptions, handle: RequestListener): Server {
  const { otherHosts = [], requestLimitMs = REQUEST_LIMIT_MS, describe = messageOf, ...rest } = options;
  const hosts = new Set([...LOOPBACK_HOSTS, ...otherHosts]);
  const limits = {
    requestTimeout: requestLimitMs,
    headersTimeout: requestLimitMs,
    connectionsCheckingInterval: Math.min(CHECK_MS, requestLimitMs),
  };
  const answers = new WeakMap<Duplex, ServerResponse>();
  const server = createServer({ ...rest, ...limits }, (request, response) => {
    if (isForeign(request, hosts)) return refuseForeign(response, describe);
    answers.set(request.socket, response);
    handle(request, response);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const isAnswered = answers.get(socket)?.headersSent === true;
    // A second answer would be taken for a part of the first.
    if (!isAnswered && socket.writable) socket.write(format(refusalOf(error, requestLimitMs), describe));
    socket.destroy();
  });
  return server;
}

/** Stops listening, and ends all connections. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/**
 * Whether a request is addressed to another host than this machine, or sent by a page of another host. A web page can
 * make its own name point to this machine (DNS rebinding), and would otherwise read secrets through the user's browser.
 */
function isForeign({ headers: { host, origin } }: IncomingMessage, hosts: ReadonlySet<string>): boolean {
  const urls = [`http://${host ?? ''}`, ...(origin === undefined ? [] : [origin])];
  return urls.some((url) => !hosts.has(URL.parse(url)?.hostname ?? ''));
}

const messageOf = ({ message }: Refusal): object => ({ message });

function refuseForeign(response: ServerResponse, describe: (refusal: Refusal) => object): void {
  const message = 'This server answers only requests that are addressed to a loopback host.';
  response.writeHead(403, { 'content-type': 'application/json' });
  response.end(JSON.stringify(describe({ status: 403, message })));
}

function refusalOf({ code }: NodeJS.ErrnoException, requestLimitMs: number): Refusal {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, message: `The request was not complete after ${requestLimitMs / 1000} s.` };
    case 'HPE_HEADER_OVERFLOW':
      return { status: 431, message: 'The header fields are too large.' };
    default:
      return { status: 400, message: 'The request is not valid HTTP.' };
  }
}

/** There is no response object for a request that Node.js has not parsed. */
function format(refusal: Refusal, describe: (refusal: Refusal) => object): string {
  const body = JSON.stringify(describe(refusal));
  const head = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
    'connection: close',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
