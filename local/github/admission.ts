import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createRequestIds, setCommonHeaders } from './answer-headers.ts';
import { undecodable } from './app/app-jwt.ts';
import { badCredentials, type Identify } from './authentication.ts';
import type { Caller } from './callers.ts';
import { chargeRequest } from './limits/charges.ts';
import { Refusal } from './refusal.ts';
import type { TrafficCounter } from './traffic.ts';

const USER_AGENT_RULE =
  'Request forbidden by administrative rules. Please make sure your request has a User-Agent header (https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). Check https://developer.github.com for other possible causes.';

export interface AdmissionParts {
  identify: Identify;
  latencyMs: number;
  wait(ms: number): Promise<void>;
  traffic: TrafficCounter;
  now(): Date;
}

/** Runs before the route of every request: identifies the caller, and checks permissions and limits. */
export function addAdmission(app: FastifyInstance, parts: AdmissionParts): void {
  const { identify, latencyMs, wait, traffic, now } = parts;
  const nextRequestId = createRequestIds(now);
  app.decorateRequest('caller', null);
  app.addHook('onRequest', async (request, reply) => {
    traffic.arrived(request, reply);
    setCommonHeaders(request, reply, { requestId: nextRequestId(), at: now() });
    const refusal = refusalOf(() => admit(request, reply, identify));
    if (latencyMs > 0) await wait(latencyMs);
    if (refusal !== undefined) throw refusal;
    if (request.routeOptions.config.createsContent === true) traffic.created();
  });
}

/** Limits count a request on arrival, not after the latency. */
function admit(request: FastifyRequest, reply: FastifyReply, identify: Identify): void {
  if (request.headers['user-agent'] === undefined) throw new Refusal(403, USER_AGENT_RULE);
  const { authorization } = request.headers;
  // Without a token, an unknown route is 404. With a bad one, it is 401 like any other route.
  if (request.is404 && authorization === undefined) return;
  const caller = identify(authorization);
  request.caller = caller;
  if (caller.scopes) reply.header('x-oauth-scopes', caller.scopes.join(', '));
  assertAllowed(caller, request);
  chargeRequest(request, reply);
}

function refusalOf(work: () => void): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** GitHub's answer when a route is for another kind of caller, by the kind that the route is for. */
const WRONG_CALLER: Record<Caller['kind'], () => Refusal> = {
  app: undecodable,
  installation: () =>
    new Refusal(
      403,
      'You must authenticate with an installation access token in order to list repositories for an installation.',
    ),
  user: () => new Refusal(403, 'Resource not accessible by integration'),
};

function assertAllowed({ kind }: Caller, { is404, routeOptions }: FastifyRequest): void {
  const { onlyFor } = routeOptions.config;
  if (onlyFor !== undefined && kind !== onlyFor) throw WRONG_CALLER[onlyFor]();
  // A JWT gives access only to the routes for Apps.
  if (onlyFor === undefined && kind === 'app' && !is404) throw badCredentials();
}
