import type { FastifyRequest } from 'fastify';
import type { Hook, HookScope, Repository } from '../bank/entities.ts';
import { notFound } from '../refusal.ts';
import {
  type OrganizationHook,
  organizationHookAnswer,
  type RepositoryHook,
  repositoryHookAnswer,
} from '../representations/hook.ts';
import { baseUrl, pathId } from '../request.ts';
import type { RouteOptions } from '../route-config.ts';
import type { Site } from '../site.ts';
import { assertOurs, ORGANIZATION_PATHS, organizationPathById } from './organizations.ts';
import { pathById, REPOSITORY_PATHS, repositoryOf } from './repository-request.ts';

/** The webhooks of one repository, of the organization, or of the App. */
export interface HookOwnerContext {
  /** Undefined for the organization and the App. */
  repository: Repository | undefined;
  hooks: readonly Hook[];
  write(hook: Hook): void;
  /** The API's URL of the owner, with which the URLs of the hooks begin. */
  url: string;
  /** The URL of the request with the owner's id, for links to other pages. */
  link: URL;
}

/** GitHub has several kinds of webhooks with the same routes. */
export interface HookKind {
  scope: HookScope;
  paths: readonly string[];
  /** Of a single webhook, after the path of its owner. */
  hookPath: '/hooks/:hook_id' | '/hook';
  /** The only kind of caller that is allowed, if there is one. */
  onlyFor?: 'app';
  /** Parts of the URLs of the documentation. */
  words: { page: string; one: string; many: string; delivery: string };
  /** @throws Refusal 404, or Moved, when the owner does not exist under that name */
  contextOf(request: FastifyRequest, site: Site): HookOwnerContext;
}

export const REPOSITORY_HOOKS: HookKind = {
  scope: 'repository',
  paths: REPOSITORY_PATHS,
  hookPath: '/hooks/:hook_id',
  words: {
    page: 'repos/webhooks',
    one: 'a-repository',
    many: 'repository-webhooks',
    delivery: 'a-delivery',
  },
  contextOf(request, site) {
    const { bank } = site.store;
    const repository = repositoryOf(request, site);
    return {
      repository,
      hooks: bank.hooksOf(repository.id),
      write: (hook) => site.store.change({ type: 'hook-written', repositoryId: repository.id, hook }),
      url: `${baseUrl(request)}/repos/${bank.organization.login}/${repository.name}`,
      link: new URL(pathById(request, repository.id), baseUrl(request)),
    };
  },
};

export const ORGANIZATION_HOOKS: HookKind = {
  scope: 'organization',
  paths: ORGANIZATION_PATHS,
  hookPath: '/hooks/:hook_id',
  words: {
    page: 'orgs/webhooks',
    one: 'an-organization',
    many: 'organization-webhooks',
    delivery: 'a-webhook-delivery',
  },
  contextOf(request, site) {
    assertOurs(request, site);
    const { bank } = site.store;
    return {
      repository: undefined,
      hooks: bank.hooksOf('organization'),
      write: (hook) => site.store.change({ type: 'organization-hook-written', hook }),
      url: `${baseUrl(request)}/orgs/${bank.organization.login}`,
      link: new URL(organizationPathById(request, site), baseUrl(request)),
    };
  },
};

/** An App has at most one webhook, which no route creates or deletes. */
export const APP_HOOK: HookKind = {
  scope: 'app',
  paths: ['/app'],
  hookPath: '/hook',
  onlyFor: 'app',
  words: { page: 'apps/webhooks', one: 'an-app', many: 'app-webhooks', delivery: 'a-delivery' },
  contextOf(request, { app }) {
    const hook = app?.webhook.read();
    if (app === undefined || hook === undefined) throw notFound();
    const url = `${baseUrl(request)}/app`;
    const link = new URL(request.url, baseUrl(request));
    return { repository: undefined, hooks: [hook], write: app.webhook.write, url, link };
  },
};

/** What the routes of one kind of webhook need. */
export interface HookSite {
  kind: HookKind;
  site: Site;
}

export function documentedHooks({ words, onlyFor }: HookKind, section: string): RouteOptions {
  const documentation = `https://docs.github.com/rest/${words.page}#${section}`;
  return { config: { documentation, ...(onlyFor && { onlyFor }) } };
}

/** @throws Refusal 404 when the webhook does not exist */
export function hookOf(
  request: FastifyRequest,
  { kind, site }: HookSite,
): { owner: HookOwnerContext; hook: Hook } {
  const owner = kind.contextOf(request, site);
  const hookId = pathId(request, 'hook_id');
  const hook = kind.scope === 'app' ? owner.hooks[0] : owner.hooks.find(({ id }) => id === hookId);
  if (hook === undefined) throw notFound();
  return { owner, hook };
}

/** Answers with the hook, including the receiver's last response code. */
export function answerOf(
  hook: Hook,
  { repository, url }: HookOwnerContext,
  { deliveries }: Site,
): RepositoryHook | OrganizationHook {
  if (repository === undefined) return organizationHookAnswer(hook, url);
  return repositoryHookAnswer(hook, url, deliveries.last(hook.id)?.answer);
}
