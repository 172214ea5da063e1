import { setTimeout as after } from 'node:timers/promises';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { createRequestIds, isNotModified, setCommonHeaders, setLimitHeaders } from './answer-headers.ts';
import { assertAuthenticated } from './authentication.ts';
import type { FailureOutcome, Failures } from './failures.ts';
import type { LimitedResource, RateLimits } from './rate-limits.ts';
import { errorBody, Moved, notFound, Refusal } from './refusal.ts';
import { parseBody } from './request.ts';
import type { TrafficCounter } from './traffic.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Named in the errors of the route. */
    documentation?: string;
    /** The limit that the route counts against; `core` by default. */
    resource?: LimitedResource;
    /** The route counts for itself, or not at all. */
    isUncounted?: boolean;
  }
}

/** A file of 100 MB, GitHub's largest, in base64. */
const MOST_BODY_BYTES = 140 * 1024 * 1024;
const REST_DOCUMENTATION = 'https://docs.github.com/rest';
const LIMITS_DOCUMENTATION =
  'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-primary-rate-limits';
const REDIRECTS_DOCUMENTATION =
  'https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects';
const USER_AGENT_RULE =
  'Request forbidden by administrative rules. Please make sure your request has a User-Agent header (https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). Check https://developer.github.com for other possible causes.';

export interface ServerParts {
  token: string;
  latencyMs: number;
  limits: RateLimits | undefined;
  failures: Failures;
  traffic: TrafficCounter;
  now(): Date;
}

/** Everything that holds for every route: who may ask, what each answer carries, what goes wrong on purpose. */
export function buildServer(parts: ServerParts): FastifyInstance {
  const app = fastify({ forceCloseConnections: true, bodyLimit: MOST_BODY_BYTES });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, async (_: FastifyRequest, text: string | Buffer) =>
    parseBody(String(text)),
  );
  app.setNotFoundHandler(async () => {
    throw notFound();
  });
  app.setErrorHandler(answerError);
  addAdmission(app, parts);
  addFailures(app, parts.failures);
  addAnswerHeaders(app, parts.limits);
  return app;
}

function addAdmission(app: FastifyInstance, { token, latencyMs, limits, traffic, now }: ServerParts): void {
  const nextRequestId = createRequestIds(now);
  app.addHook('onRequest', async (request, reply) => {
    traffic.arrived(request, reply);
    setCommonHeaders(request, reply, nextRequestId());
    if (latencyMs > 0) await pause(latencyMs);
    if (request.headers['user-agent'] === undefined) throw new Refusal(403, USER_AGENT_RULE);
    // Somebody who shows no token learns that a route does not exist; a bad token learns nothing.
    if (request.is404 && request.headers.authorization === undefined) return;
    assertAuthenticated(request.headers.authorization, token);
    const { isUncounted, resource = 'core' } = request.routeOptions.config;
    if (limits !== undefined && isUncounted !== true && !limits.take(resource, 1)) throw limitExceeded();
  });
}

/** A pause that nobody waits for any more does not keep the process alive. */
const pause = (ms: number): Promise<void> => after(ms, undefined, { ref: false });

function limitExceeded(): Refusal {
  return new Refusal(403, 'API rate limit exceeded for user ID 1.', { documentation: LIMITS_DOCUMENTATION });
}

function addFailures(app: FastifyInstance, failures: Failures): void {
  const unanswered = new WeakSet<FastifyRequest>();
  app.addHook('preHandler', async (request, reply) => {
    const outcome = failures.take({
      method: request.method,
      path: request.url.split('?', 1)[0] ?? '',
      bodyText: () => JSON.stringify(request.body) ?? '',
    });
    if (outcome === undefined) return;
    if ('status' in outcome) return answerInjected(reply, outcome);
    if ('delayMs' in outcome) return pause(outcome.delayMs);
    if (outcome.connection === 'dropped-after-work') return void unanswered.add(request);
    reply.hijack();
    request.raw.socket.resetAndDestroy();
  });
  app.addHook('onSend', async (request) => {
    if (unanswered.has(request)) request.raw.socket.resetAndDestroy();
  });
}

function answerInjected(
  reply: FastifyReply,
  outcome: Extract<FailureOutcome, { status: number }>,
): FastifyReply {
  const body = outcome.body ?? '';
  const isHtml = typeof body === 'string' && body.startsWith('<');
  const type = isHtml ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8';
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return reply
    .code(outcome.status)
    .headers({ 'content-type': type, ...outcome.headers })
    .send(text);
}

function addAnswerHeaders(app: FastifyInstance, limits: RateLimits | undefined): void {
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    const isBody = typeof payload === 'string' || Buffer.isBuffer(payload);
    const isKnown = isBody && isNotModified(request, reply, payload);
    if (isKnown) {
      reply.code(304);
      limits?.refund(request.routeOptions.config.resource ?? 'core', 1);
    }
    if (limits !== undefined) setLimitHeaders(request, reply, limits);
    return isKnown ? '' : payload;
  });
}

async function answerError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (error instanceof Moved) return answerMoved(error, request, reply);
  const documentation = request.routeOptions.config.documentation ?? REST_DOCUMENTATION;
  const refusal = asRefusal(error);
  if (refusal !== undefined) return reply.code(refusal.status).send(errorBody(refusal, documentation));
  console.error(`The simulated GitHub failed at ${request.method} ${request.url}:`, error);
  return reply.code(500).send({ message: 'Server Error' });
}

/** A read is sent on for good; anything else is to be sent again as it is, which 301 would turn into a GET. */
function answerMoved({ location }: Moved, { method }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const isRead = method === 'GET' || method === 'HEAD';
  const message = isRead ? 'Moved Permanently' : 'Temporary Redirect';
  return reply
    .code(isRead ? 301 : 307)
    .header('location', location)
    .send({ message, url: location, documentation_url: REDIRECTS_DOCUMENTATION });
}

/** Fastify refuses some requests by itself, as one whose body is too large; anything else is a fault of ours. */
function asRefusal(error: FastifyError): Refusal | undefined {
  if (error instanceof Refusal) return error;
  const { statusCode = 500, message } = error;
  return statusCode < 500 ? new Refusal(statusCode, message) : undefined;
}
