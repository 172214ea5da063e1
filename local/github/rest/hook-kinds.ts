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

/** The webhooks of one repository, or of the organization. */
export interface HookOwnerContext {
  /** Undefined for the organization. */
  repository: Repository | undefined;
  hooks: readonly Hook[];
  /** The API's URL of the owner, with which the URLs of the hooks begin. */
  url: string;
  /** The URL of the request with the owner's id, for links to other pages. */
  link: URL;
}

/** GitHub has two kinds of webhooks with the same routes. */
export interface HookKind {
  scope: HookScope;
  paths: readonly string[];
  /** Parts of the URLs of the documentation. */
  words: { page: string; one: string; many: string; delivery: string };
  /** @throws Refusal 404, or Moved, when the owner does not exist under that name */
  contextOf(request: FastifyRequest, site: Site): HookOwnerContext;
}

export const REPOSITORY_HOOKS: HookKind = {
  scope: 'repository',
  paths: REPOSITORY_PATHS,
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
      url: `${baseUrl(request)}/repos/${bank.organization.login}/${repository.name}`,
      link: new URL(pathById(request, repository.id), baseUrl(request)),
    };
  },
};

export const ORGANIZATION_HOOKS: HookKind = {
  scope: 'organization',
  paths: ORGANIZATION_PATHS,
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
      url: `${baseUrl(request)}/orgs/${bank.organization.login}`,
      link: new URL(organizationPathById(request, site), baseUrl(request)),
    };
  },
};

/** What the routes of one kind of webhook need. */
export interface HookSite {
  kind: HookKind;
  site: Site;
}

export function documentedHooks({ words }: HookKind, section: string): RouteOptions {
  const documentation = `https://docs.github.com/rest/${words.page}#${section}`;
  return { config: { documentation } };
}

/** @throws Refusal 404 when the webhook does not exist */
export function hookOf(
  request: FastifyRequest,
  { kind, site }: HookSite,
): { owner: HookOwnerContext; hook: Hook } {
  const owner = kind.contextOf(request, site);
  const hookId = pathId(request, 'hook_id');
  const hook = owner.hooks.find(({ id }) => id === hookId);
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
  const last = deliveries.of(hook.id)[0];
  const updated = last === undefined ? hook : { ...hook, lastResponseCode: last.answer.statusCode };
  return repositoryHookAnswer(updated, url);
}
