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
import { assertOurs, ORGANIZATION_PATHS, organizationPlaceById } from './organizations.ts';
import { placeById, REPOSITORY_PATHS, repositoryOf } from './repository-request.ts';

/** The webhooks of a repository or of the organization. */
export interface HookPlace {
  /** Undefined for those of the organization. */
  repository: Repository | undefined;
  hooks: readonly Hook[];
  /** What has them, in the API; the URLs of the hooks begin with it. */
  url: string;
  /** The same request by the id of what has them, which is where links to other pages lead. */
  link: URL;
}

/** GitHub has two kinds of webhooks, which are asked for in the same way. */
export interface HookKind {
  scope: HookScope;
  paths: readonly string[];
  /** How the documentation has them in its addresses. */
  words: { page: string; one: string; many: string; delivery: string };
  /** @throws Refusal 404 and Moved where they are not. */
  placeOf(request: FastifyRequest, site: Site): HookPlace;
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
  placeOf(request, site) {
    const { bank } = site.store;
    const repository = repositoryOf(request, site);
    return {
      repository,
      hooks: bank.hooksOf(repository.id),
      url: `${baseUrl(request)}/repos/${bank.organization.login}/${repository.name}`,
      link: new URL(placeById(request, repository.id), baseUrl(request)),
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
  placeOf(request, site) {
    assertOurs(request, site);
    const { bank } = site.store;
    return {
      repository: undefined,
      hooks: bank.hooksOf('organization'),
      url: `${baseUrl(request)}/orgs/${bank.organization.login}`,
      link: new URL(organizationPlaceById(request, site), baseUrl(request)),
    };
  },
};

/** Webhooks of one kind, and the site that has them. */
export interface HookSite {
  kind: HookKind;
  site: Site;
}

export function documentedHooks({ words }: HookKind, section: string): RouteOptions {
  const documentation = `https://docs.github.com/rest/${words.page}#${section}`;
  return { config: { documentation } };
}

/** @throws Refusal 404 when there is no such webhook. */
export function hookOf(request: FastifyRequest, { kind, site }: HookSite): { place: HookPlace; hook: Hook } {
  const place = kind.placeOf(request, site);
  const hookId = pathId(request, 'hook_id');
  const hook = place.hooks.find(({ id }) => id === hookId);
  if (hook === undefined) throw notFound();
  return { place, hook };
}

/** The hook with what its receiver answered last. */
export function answerOf(
  hook: Hook,
  { repository, url }: HookPlace,
  { deliveries }: Site,
): RepositoryHook | OrganizationHook {
  if (repository === undefined) return organizationHookAnswer(hook, url);
  const last = deliveries.of(hook.id)[0];
  const seen = last === undefined ? hook : { ...hook, lastResponseCode: last.answer.statusCode };
  return repositoryHookAnswer(seen, url);
}
