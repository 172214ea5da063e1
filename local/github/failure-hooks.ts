import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FailureOutcome, Failures } from './failures.ts';
import { pause } from './pause.ts';

type Change = Extract<FailureOutcome, { change: unknown }>['change'];
type HeaderChange = Extract<FailureOutcome, { header: string }>;

/** Applies injected failures to the requests that they match. */
export function addFailures(app: FastifyInstance, failures: Failures): void {
  const droppedAfterWork = new WeakSet<FastifyRequest>();
  const changes = new WeakMap<FastifyRequest, Change>();
  const headerChanges = new WeakMap<FastifyRequest, HeaderChange>();
  app.addHook('preHandler', async (request, reply) => {
    const outcome = failures.take({
      method: request.method,
      url: request.url,
      bodyText: () => JSON.stringify(request.body) ?? '',
    });
    if (outcome === undefined) return;
    if ('status' in outcome) return answerInjected(reply, outcome);
    if ('change' in outcome) return void changes.set(request, outcome.change);
    if ('header' in outcome) return void headerChanges.set(request, outcome);
    if ('delayMs' in outcome) {
      return Number.isFinite(outcome.delayMs) ? pause(outcome.delayMs) : void reply.hijack();
    }
    if (outcome.connection === 'dropped-after-work') return void droppedAfterWork.add(request);
    reply.hijack();
    request.raw.socket.resetAndDestroy();
  });
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    if (droppedAfterWork.has(request)) request.raw.socket.resetAndDestroy();
    changeHeader(reply, headerChanges.get(request));
    const change = changes.get(request);
    return change === undefined ? payload : JSON.stringify(await change(JSON.parse(String(payload))));
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

function changeHeader(reply: FastifyReply, change: HeaderChange | undefined): void {
  const value = change && reply.getHeader(change.header);
  if (!change || value === undefined) return;
  const changed = change.changeTo(String(value));
  if (changed === undefined) reply.removeHeader(change.header);
  else reply.header(change.header, changed);
}
