import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Hook, type HookScope, timestamp } from '../bank/entities.ts';
import { linkHeader, pageOf, parsePageRequest } from '../pagination.ts';
import { hookConfigAnswer } from '../representations/hook.ts';
import { bodyObject, type JsonObject, queryParameter } from '../request.ts';
import { creating } from '../route-config.ts';
import type { Site } from '../site.ts';
import {
  answerOf,
  documentedHooks,
  type HookPlace,
  type HookSite,
  hookOf,
  ORGANIZATION_HOOKS,
  REPOSITORY_HOOKS,
} from './hook-kinds.ts';
import {
  assertHookFits,
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
}

function addListing(app: FastifyInstance, path: string, { kind, site }: HookSite): void {
  app.get(path, documentedHooks(kind, `list-${kind.words.many}`), async (request, reply) => {
    const place = kind.placeOf(request, site);
    const page = parsePageRequest({
      page: queryParameter(request, 'page'),
      per_page: queryParameter(request, 'per_page'),
    });
    const link = linkHeader(place.link, page, place.hooks.length);
    if (link !== undefined) reply.header('link', link);
    return pageOf(place.hooks, page).map((hook) => answerOf(hook, place, site));
  });
}

/** A new hook is pinged. */
function addCreation(app: FastifyInstance, path: string, { kind, site }: HookSite): void {
  const options = creating(documentedHooks(kind, `create-${kind.words.one}-webhook`));
  app.post(path, options, async (request, reply) => {
    const place = kind.placeOf(request, site);
    assertHooksWritable(place);
    const draft = parseNewHook(bodyObject(request), kind.scope);
    assertHookFits(draft, place.hooks, kind.scope);
    const at = timestamp(site.now());
    const id = site.store.bank.nextHookId();
    const hook = { ...draft, id, createdAt: at, updatedAt: at, lastResponseCode: null };
    writeHook(hook, place, site);
    site.deliveries.ping(hook, place.repository);
    const answer = answerOf(hook, place, site);
    return reply.code(201).header('location', answer.url).send(answer);
  });
}

function addSingleHookRoutes(app: FastifyInstance, path: string, hooks: HookSite): void {
  const { kind, site } = hooks;
  const documented = (verb: string) => documentedHooks(kind, `${verb}-${kind.words.one}-webhook`);
  app.get(path, documented('get'), async (request) => {
    const { place, hook } = hookOf(request, hooks);
    return answerOf(hook, place, site);
  });
  app.patch(path, documented('update'), async (request) => {
    const { place, hook } = changeHook(request, hooks, parseHookUpdate);
    return answerOf(hook, place, site);
  });
  app.delete(path, documented('delete'), async (request, reply) => {
    const { place, hook } = hookOf(request, hooks);
    assertHooksWritable(place);
    removeHook(hook, place, site);
    return reply.code(204).send();
  });
  app.post(`${path}/pings`, documented('ping'), async (request, reply) => {
    const { place, hook } = hookOf(request, hooks);
    site.deliveries.ping(hook, place.repository);
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
): { place: HookPlace; hook: Hook } {
  const { kind, site } = hooks;
  const { place, hook } = hookOf(request, hooks);
  assertHooksWritable(place);
  const draft = parse(hook, bodyObject(request), kind.scope);
  const others = place.hooks.filter(({ id }) => id !== hook.id);
  assertHookFits(draft, others, kind.scope);
  const changed = { ...hook, ...draft, updatedAt: timestamp(site.now()) };
  writeHook(changed, place, site);
  return { place, hook: changed };
}

function assertHooksWritable({ repository }: HookPlace): void {
  if (repository !== undefined) assertWritable(repository);
}

function writeHook(hook: Hook, { repository }: HookPlace, { store }: Site): void {
  if (repository === undefined) store.change({ type: 'organization-hook-written', hook });
  else store.change({ type: 'hook-written', repositoryId: repository.id, hook });
}

function removeHook({ id: hookId }: Hook, { repository }: HookPlace, { store }: Site): void {
  if (repository === undefined) store.change({ type: 'organization-hook-deleted', hookId });
  else store.change({ type: 'hook-deleted', repositoryId: repository.id, hookId });
}
