import type { components } from '@octokit/openapi-types';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Delivery } from '../deliveries/deliveries.ts';
import { parsePageRequest } from '../pagination.ts';
import { notFound, Refusal } from '../refusal.ts';
import { deliveryAnswer, deliveryInListing } from '../representations/delivery.ts';
import { baseUrl, pathId, queryParameter } from '../request.ts';
import type { Site } from '../site.ts';
import { placeById } from './git-request.ts';
import { hookOf } from './hooks.ts';
import { REPOSITORY_PATHS } from './repositories.ts';

const documented = (anchor: string) => ({
  config: { documentation: `https://docs.github.com/rest/repos/webhooks#${anchor}` },
});

/** What the hooks were told, and telling it again. */
export function addHookDeliveryRoutes(app: FastifyInstance, site: Site): void {
  for (const repositoryPath of REPOSITORY_PATHS) {
    const hookPath = `${repositoryPath}/hooks/:hook_id`;
    addListing(app, `${hookPath}/deliveries`, site);
    const path = `${hookPath}/deliveries/:delivery_id`;
    app.get(path, documented('get-a-delivery-for-a-repository-webhook'), async (request) =>
      deliveryAnswer(deliveryOf(request, site)),
    );
    app.post(
      `${path}/attempts`,
      documented('redeliver-a-delivery-for-a-repository-webhook'),
      async (request, reply) => {
        site.deliveries.redeliver(hookOf(request, site).hook, deliveryOf(request, site));
        return reply.code(202).send({});
      },
    );
    addTest(app, `${hookPath}/tests`, site);
  }
}

function deliveryOf(request: FastifyRequest, site: Site): Delivery {
  const deliveryId = pathId(request, 'delivery_id');
  const delivery = site.deliveries.of(hookOf(request, site).hook.id).find(({ id }) => id === deliveryId);
  if (delivery === undefined) throw notFound();
  return delivery;
}

/** Pages go by a cursor here, because deliveries come in while they are read. */
function addListing(app: FastifyInstance, path: string, site: Site): void {
  app.get(path, documented('list-deliveries-for-a-repository-webhook'), async (request, reply) => {
    const { repository, hook } = hookOf(request, site);
    const { perPage } = parsePageRequest({ per_page: queryParameter(request, 'per_page') });
    const older = site.deliveries.of(hook.id).filter(isAsked(request)).filter(isAfter(request));
    const page = older.slice(0, perPage);
    const last = page.at(-1);
    if (last !== undefined && older.length > page.length) {
      const next = new URL(placeById(request, repository.id), baseUrl(request));
      next.searchParams.set('cursor', `v1_${last.id}`);
      reply.header('link', `<${next.href}>; rel="next"`);
    }
    return page.map((delivery): components['schemas']['hook-delivery-item'] => deliveryInListing(delivery));
  });
}

function isAsked(request: FastifyRequest): (delivery: Delivery) => boolean {
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

/** The last commit of the default branch, as if it had just been pushed. */
function addTest(app: FastifyInstance, path: string, site: Site): void {
  app.post(path, documented('test-the-push-repository-webhook'), async (request, reply) => {
    const { repository } = hookOf(request, site);
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
