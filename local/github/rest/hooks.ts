import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Hook, type HookScope, timestamp } from '../bank/entities.ts';
import { linkHeader, pageOf, parsePageRequest } from '../pagination.ts';
import { hookConfigAnswer } from '../representations/hook.ts';
import { bodyObject, type JsonObject, queryParameter } from '../request.ts';
import { creating } from '../route-config.ts';
import type { Site } from '../site.ts';
import {
  APP_HOOK,
  answerOf,
  documentedHooks,
  type HookOwnerContext,
  type HookSite,
  hookOf,
  ORGANIZATION_HOOKS,
  REPOSITORY_HOOKS,
} from './hook-kinds.ts';
import {
  assertHookAllowed,
  type HookDraft,
  parseHookConfigUpdate,
  parseHookUpdate,
  parseNewHook,
} from './hook-request.ts';
import { assertWritable } from './push.ts';

export function addHookRoutes(app: FastifyInstance, site: Site): void {
  for (const kind of [REPOSITORY_HOOKS, ORGANIZATION_HOOKS]) {
    for (const path of kind.paths) {
      addListing(app, `${path}/hooks`, { kind, site });
      addCreation(app, `${path}/hooks`, { kind, site });
      addSingleHookRoutes(app, `${path}/hooks/:hook_id`, { kind, site });
      addConfigRoutes(app, `${path}/hooks/:hook_id/config`, { kind, site });
    }
  }
  addConfigRoutes(app, '/app/hook/config', { kind: APP_HOOK, site });
}

function addListing(app: FastifyInstance, path: string, { kind, site }: HookSite): void {
  app.get(path, documentedHooks(kind, `list-${kind.words.many}`), async (request, reply) => {
    const owner = kind.contextOf(request, site);
    const page = parsePageRequest({
      page: queryParameter(request, 'page'),
      per_page: queryParameter(request, 'per_page'),
    });
    const link = linkHeader(owner.link, page, owner.hooks.length);
    if (link !== undefined) reply.header('link', link);
    return pageOf(owner.hooks, page).map((hook) => answerOf(hook, owner, site));
  });
}

/** Adds the route that creates a hook and pings it. */
function addCreation(app: FastifyInstance, path: string, { kind, site }: HookSite): void {
  const options = creating(documentedHooks(kind, `create-${kind.words.one}-webhook`));
  app.post(path, options, async (request, reply) => {
    const owner = kind.contextOf(request, site);
    assertHooksWritable(owner);
    const draft = parseNewHook(bodyObject(request), kind.scope);
    assertHookAllowed(draft, owner.hooks, kind.scope);
    const at = timestamp(site.now());
    const id = site.store.bank.nextHookId();
    const hook = { ...draft, id, createdAt: at, updatedAt: at, lastResponseCode: null };
    owner.write(hook);
    site.deliveries.ping(hook, owner.repository);
    const answer = answerOf(hook, owner, site);
    return reply.code(201).header('location', answer.url).send(answer);
  });
}

function addSingleHookRoutes(app: FastifyInstance, path: string, hooks: HookSite): void {
  const { kind, site } = hooks;
  const documented = (verb: string) => documentedHooks(kind, `${verb}-${kind.words.one}-webhook`);
  app.get(path, documented('get'), async (request) => {
    const { owner, hook } = hookOf(request, hooks);
    return answerOf(hook, owner, site);
  });
  app.patch(path, documented('update'), async (request) => {
    const { owner, hook } = changeHook(request, hooks, parseHookUpdate);
    return answerOf(hook, owner, site);
  });
  app.delete(path, documented('delete'), async (request, reply) => {
    const { owner, hook } = hookOf(request, hooks);
    assertHooksWritable(owner);
    removeHook(hook, owner, site);
    site.deliveries.hookDeleted(hook, owner.repository);
    return reply.code(204).send();
  });
  app.post(`${path}/pings`, documented('ping'), async (request, reply) => {
    const { owner, hook } = hookOf(request, hooks);
    site.deliveries.ping(hook, owner.repository);
    return reply.code(204).send();
  });
}

function addConfigRoutes(app: FastifyInstance, path: string, hooks: HookSite): void {
  const { kind } = hooks;
  const documented = (verb: string) =>
    documentedHooks(kind, `${verb}-a-webhook-configuration-for-${kind.words.one}`);
  app.get(path, documented('get'), async (request) => hookConfigAnswer(hookOf(request, hooks).hook.config));
  app.patch(path, documented('update'), async (request) =>
    hookConfigAnswer(changeHook(request, hooks, parseHookConfigUpdate).hook.config),
  );
}

type ParseUpdate = (hook: Hook, body: JsonObject, scope: HookScope) => HookDraft;

function changeHook(
  request: FastifyRequest,
  hooks: HookSite,
  parse: ParseUpdate,
): { owner: HookOwnerContext; hook: Hook } {
  const { kind, site } = hooks;
  const { owner, hook } = hookOf(request, hooks);
  assertHooksWritable(owner);
  const draft = parse(hook, bodyObject(request), kind.scope);
  const others = owner.hooks.filter(({ id }) => id !== hook.id);
  assertHookAllowed(draft, others, kind.scope);
  const changed = { ...hook, ...draft, updatedAt: timestamp(site.now()) };
  owner.write(changed);
  return { owner, hook: changed };
}

function assertHooksWritable({ repository }: HookOwnerContext): void {
  if (repository !== undefined) assertWritable(repository);
}

function removeHook({ id: hookId }: Hook, { repository }: HookOwnerContext, { store }: Site): void {
  if (repository === undefined) store.change({ type: 'organization-hook-deleted', hookId });
  else store.change({ type: 'hook-deleted', repositoryId: repository.id, hookId });
}
