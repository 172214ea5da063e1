import type { IncomingMessage, RequestListener } from 'node:http';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { report } from '../../cli/terminal/terminal.ts';
import { createLoopbackServer } from '../loopback-server.ts';
import { type AdmissionParts, addAdmission } from './admission.ts';
import { isNotModified, setLimitHeaders } from './answer-headers.ts';
import { addFailures } from './failure-hooks.ts';
import type { Failures } from './failures.ts';
import { errorBody, Moved, notFound, QueryLimited, Refusal } from './refusal.ts';
import { parseBody } from './request.ts';
import type { TrafficCounter } from './traffic.ts';

/** The size of GitHub's largest file, 100 MB, in base64. */
const MAX_BODY_BYTES = 140 * 1024 * 1024;
const REST_DOCUMENTATION = 'https://docs.github.com/rest';
const REDIRECTS_DOCUMENTATION =
  'https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects';

/** The hosts that `gh` uses for a GitHub on this machine, with this server as its HTTP proxy. */
const GH_HOSTS = ['github.localhost', 'api.github.localhost'];
/** Longer than a run pauses between two requests, so that clients keep their connections. */
const KEEP_ALIVE_MS = 72_000;

export interface ServerParts extends AdmissionParts {
  failures: Failures;
  requestLimitMs: number | undefined;
}

/** Sets up what all routes share: admission, injected failures, common headers and error answers. */
export function buildServer(parts: ServerParts): FastifyInstance {
  const { requestLimitMs } = parts;
  const options = { otherHosts: GH_HOSTS, keepAliveTimeout: KEEP_ALIVE_MS, requestLimitMs };
  const app = fastify({
    forceCloseConnections: true,
    bodyLimit: MAX_BODY_BYTES,
    rewriteUrl: originForm,
    // Routes of their own for HEAD would double the time that a server takes to start.
    exposeHeadRoutes: false,
    serverFactory: (handle: RequestListener) => createLoopbackServer(options, headAsGet(handle)),
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, async (_: FastifyRequest, text: string | Buffer) =>
    parseBody(String(text)),
  );
  app.setNotFoundHandler(async () => {
    throw notFound();
  });
  app.setErrorHandler(errorHandler(parts.traffic));
  addAdmission(app, parts);
  addFailures(app, parts.failures);
  addAnswerHeaders(app);
  return app;
}

/** Answers HEAD as GET. Node leaves out the body, because it knows the method that the client sent. */
const headAsGet =
  (handle: RequestListener): RequestListener =>
  (request, response) => {
    if (request.method === 'HEAD') request.method = 'GET';
    handle(request, response);
  };

/** Clients that use this server as their HTTP proxy, as `gh` can, send the whole URL (RFC 9112, 3.2.2). */
const originForm = ({ url = '/' }: IncomingMessage): string => url.replace(/^http:\/\/[^/]+(?=\/)/i, '');

function addAnswerHeaders(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    const isBody = typeof payload === 'string' || Buffer.isBuffer(payload);
    const isCached = isBody && isNotModified(request, reply, payload);
    if (isCached) {
      reply.code(304);
      refund(request);
    }
    setLimitHeaders(request, reply);
    return isCached ? '' : payload;
  });
}

/** A 304 does not count against the primary limit. */
function refund({ caller, routeOptions }: FastifyRequest): void {
  const { isUncounted } = routeOptions.config;
  if (isUncounted !== true) caller?.allowance?.primary.refund('core', 1);
}

function errorHandler(traffic: TrafficCounter) {
  return async (error: FastifyError, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    if (error instanceof QueryLimited) {
      traffic.queryLimited();
      return reply.code(200).send({ errors: [error.error] });
    }
    if (error instanceof Moved) return answerMoved(error, request, reply);
    const documentation = request.routeOptions.config.documentation ?? REST_DOCUMENTATION;
    const refusal = asRefusal(error);
    if (refusal !== undefined) {
      return reply.code(refusal.status).headers(refusal.headers).send(errorBody(refusal, documentation));
    }
    report(`The simulated GitHub failed to answer ${request.method} ${request.url}: ${error.stack ?? error}`);
    return reply.code(500).send({ message: 'Server Error' });
  };
}

/** Reads are redirected with 301. Anything else gets 307, because clients may change the method to GET after a 301. */
function answerMoved({ location }: Moved, { method }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const isRead = method === 'GET' || method === 'HEAD';
  const message = isRead ? 'Moved Permanently' : 'Temporary Redirect';
  return reply
    .code(isRead ? 301 : 307)
    .header('location', location)
    .send({ message, url: location, documentation_url: REDIRECTS_DOCUMENTATION });
}

/** Fastify itself refuses some requests, such as those with too large a body. Undefined for unexpected errors. */
function asRefusal(error: FastifyError): Refusal | undefined {
  if (error instanceof Refusal) return error;
  const { statusCode = 500, message } = error;
  return statusCode < 500 ? new Refusal(statusCode, message) : undefined;
}
