import type { components } from '@octokit/openapi-types';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Hook } from '../bank/entities.ts';
import type { Delivery } from '../deliveries/deliveries.ts';
import { parsePageRequest } from '../pagination.ts';
import { notFound, Refusal } from '../refusal.ts';
import { deliveryAnswer, deliveryInListing } from '../representations/delivery.ts';
import { pathId, queryParameter } from '../request.ts';
import type { Site } from '../site.ts';
import {
  APP_HOOK,
  documentedHooks,
  type HookSite,
  hookOf,
  ORGANIZATION_HOOKS,
  REPOSITORY_HOOKS,
} from './hook-kinds.ts';
import { repositoryOf } from './repository-request.ts';

/** Routes that list deliveries and repeat them. */
export function addHookDeliveryRoutes(app: FastifyInstance, site: Site): void {
  for (const kind of [REPOSITORY_HOOKS, ORGANIZATION_HOOKS, APP_HOOK]) {
    for (const path of kind.paths) {
      addListing(app, `${path}${kind.hookPath}/deliveries`, { kind, site });
      addSingleDeliveryRoutes(app, `${path}${kind.hookPath}/deliveries/:delivery_id`, { kind, site });
    }
  }
  for (const path of REPOSITORY_HOOKS.paths) {
    // The documentation says `tests`, but the `test_url` of a hook ends in `test`.
    for (const name of ['tests', 'test']) addTest(app, `${path}/hooks/:hook_id/${name}`, site);
  }
}

function addSingleDeliveryRoutes(app: FastifyInstance, path: string, hooks: HookSite): void {
  const { kind, site } = hooks;
  const { one, delivery } = kind.words;
  app.get(path, documentedHooks(kind, `get-${delivery}-for-${one}-webhook`), async (request) =>
    deliveryAnswer(deliveryOf(request, hooks).delivery),
  );
  const redelivery = documentedHooks(kind, `redeliver-a-delivery-for-${one}-webhook`);
  app.post(`${path}/attempts`, redelivery, async (request, reply) => {
    const { hook, delivery } = deliveryOf(request, hooks);
    site.deliveries.redeliver(hook, delivery);
    return reply.code(202).send({});
  });
}

function deliveryOf(request: FastifyRequest, hooks: HookSite): { hook: Hook; delivery: Delivery } {
  const { hook } = hookOf(request, hooks);
  const deliveryId = pathId(request, 'delivery_id');
  const delivery = hooks.site.deliveries.of(hook.id).find(({ id }) => id === deliveryId);
  if (delivery === undefined) throw notFound();
  return { hook, delivery };
}

/** Pages use cursors, because new deliveries arrive while a client reads. */
function addListing(app: FastifyInstance, path: string, hooks: HookSite): void {
  const options = documentedHooks(hooks.kind, `list-deliveries-for-${hooks.kind.words.one}-webhook`);
  app.get(path, options, async (request, reply) => {
    const { owner, hook } = hookOf(request, hooks);
    const { perPage } = parsePageRequest({ per_page: queryParameter(request, 'per_page') });
    const older = hooks.site.deliveries.of(hook.id).filter(matches(request)).filter(isAfter(request));
    const page = older.slice(0, perPage);
    const last = page.at(-1);
    if (last !== undefined && older.length > page.length) {
      const next = new URL(owner.link);
      next.searchParams.set('cursor', `v1_${last.id}`);
      reply.header('link', `<${next.href}>; rel="next"`);
    }
    return page.map((delivery): components['schemas']['hook-delivery-item'] => deliveryInListing(delivery));
  });
}

function matches(request: FastifyRequest): (delivery: Delivery) => boolean {
  const status = queryParameter(request, 'status');
  const redelivery = queryParameter(request, 'redelivery');
  return ({ answer: { statusCode }, isRedelivery }) => {
    const isSuccess = statusCode >= 200 && statusCode < 400;
    return (
      (status === undefined || (status === 'success') === isSuccess) &&
      (redelivery === undefined || (redelivery === 'true') === isRedelivery)
    );
  };
}

function isAfter(request: FastifyRequest): (delivery: Delivery) => boolean {
  const cursor = queryParameter(request, 'cursor');
  if (cursor === undefined) return () => true;
  const id = Number(/^v1_(\d+)$/.exec(cursor)?.[1]);
  if (Number.isNaN(id)) throw new Refusal(400, 'Bad Request');
  return (delivery) => delivery.id < id;
}

/** Adds the route that delivers the last commit of the default branch as if it had just been pushed. */
function addTest(app: FastifyInstance, path: string, site: Site): void {
  const options = documentedHooks(REPOSITORY_HOOKS, 'test-the-push-repository-webhook');
  app.post(path, options, async (request, reply) => {
    hookOf(request, { kind: REPOSITORY_HOOKS, site });
    const repository = repositoryOf(request, site);
    const git = site.store.bank.gitOf(repository.id);
    const name = `refs/heads/${repository.defaultBranch}`;
    const oid = git.refs.get(name);
    if (oid !== undefined) {
      const before = git.commit(oid)?.parents[0] ?? null;
      site.deliveries.push({ repository, updates: [{ name, oid, before }] });
    }
    return reply.code(204).send();
  });
}
