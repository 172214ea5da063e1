import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Hook, type Repository, timestamp } from '../bank/bank.ts';
import { linkHeader, pageOf, parsePageRequest } from '../pagination.ts';
import { notFound } from '../refusal.ts';
import { hookAnswer } from '../representations/hook.ts';
import { baseUrl, bodyObject, pathId, queryParameter } from '../request.ts';
import type { Site } from '../site.ts';
import { assertHookFits, parseHookUpdate, parseNewHook } from './hook-request.ts';
import { assertWritable } from './push.ts';
import { REPOSITORY_PATHS, repositoryOf } from './repositories.ts';

export function addHookRoutes(app: FastifyInstance, site: Site): void {
  for (const path of REPOSITORY_PATHS) {
    addListing(app, `${path}/hooks`, site);
    addCreation(app, `${path}/hooks`, site);
    addSingleHookRoutes(app, `${path}/hooks/:hook_id`, site);
  }
}

const documented = (anchor: string) => ({
  config: { documentation: `https://docs.github.com/rest/repos/webhooks#${anchor}` },
});

function addListing(app: FastifyInstance, path: string, site: Site): void {
  app.get(path, documented('list-repository-webhooks'), async (request, reply) => {
    const repository = repositoryOf(request, site);
    const hooks = site.store.bank.hooksOf(repository.id);
    const page = parsePageRequest({
      page: queryParameter(request, 'page'),
      per_page: queryParameter(request, 'per_page'),
    });
    const base = baseUrl(request);
    const { search } = new URL(request.url, base);
    const url = new URL(`${base}/repositories/${repository.id}/hooks${search}`);
    const link = linkHeader(url, page, hooks.length);
    if (link !== undefined) reply.header('link', link);
    return pageOf(hooks, page).map((hook) =>
      hookAnswer(seen(hook, site), repositoryUrl(request, repository, site)),
    );
  });
}

/** A new hook is pinged. */
function addCreation(app: FastifyInstance, path: string, site: Site): void {
  app.post(path, documented('create-a-repository-webhook'), async (request, reply) => {
    const repository = repositoryOf(request, site);
    assertWritable(repository);
    const { bank } = site.store;
    const draft = parseNewHook(bodyObject(request));
    assertHookFits(draft, bank.hooksOf(repository.id));
    const at = timestamp(site.now());
    const hook = { ...draft, id: bank.nextHookId(), createdAt: at, updatedAt: at, lastResponseCode: null };
    site.store.change({ type: 'hook-written', repositoryId: repository.id, hook });
    site.deliveries.ping(repository, hook);
    const answer = hookAnswer(hook, repositoryUrl(request, repository, site));
    return reply.code(201).header('location', answer.url).send(answer);
  });
}

function addSingleHookRoutes(app: FastifyInstance, path: string, site: Site): void {
  app.get(path, documented('get-a-repository-webhook'), async (request) => {
    const { repository, hook } = hookOf(request, site);
    return hookAnswer(seen(hook, site), repositoryUrl(request, repository, site));
  });
  app.patch(path, documented('update-a-repository-webhook'), async (request) => {
    const { repository, hook } = hookOf(request, site);
    assertWritable(repository);
    const draft = parseHookUpdate(hook, bodyObject(request));
    const others = site.store.bank.hooksOf(repository.id).filter(({ id }) => id !== hook.id);
    assertHookFits(draft, others);
    const changed = { ...hook, ...draft, updatedAt: timestamp(site.now()) };
    site.store.change({ type: 'hook-written', repositoryId: repository.id, hook: changed });
    return hookAnswer(seen(changed, site), repositoryUrl(request, repository, site));
  });
  app.delete(path, documented('delete-a-repository-webhook'), async (request, reply) => {
    const { repository, hook } = hookOf(request, site);
    assertWritable(repository);
    site.store.change({ type: 'hook-deleted', repositoryId: repository.id, hookId: hook.id });
    return reply.code(204).send();
  });
  app.post(`${path}/pings`, documented('ping-a-repository-webhook'), async (request, reply) => {
    const { repository, hook } = hookOf(request, site);
    site.deliveries.ping(repository, hook);
    return reply.code(204).send();
  });
}

export function hookOf(request: FastifyRequest, site: Site): { repository: Repository; hook: Hook } {
  const repository = repositoryOf(request, site);
  const hookId = pathId(request, 'hook_id');
  const hook = site.store.bank.hooksOf(repository.id).find(({ id }) => id === hookId);
  if (hook === undefined) throw notFound();
  return { repository, hook };
}

/** The hook with what its receiver answered last. */
function seen(hook: Hook, { deliveries }: Site): Hook {
  const last = deliveries.of(hook.id)[0];
  return last === undefined ? hook : { ...hook, lastResponseCode: last.answer.statusCode };
}

function repositoryUrl(request: FastifyRequest, { name }: Repository, { store }: Site): string {
  return `${baseUrl(request)}/repos/${store.bank.organization.login}/${name}`;
}
