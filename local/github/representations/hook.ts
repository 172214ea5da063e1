import type { components } from '@octokit/openapi-types';
import type { Hook, HookConfig } from '../bank/entities.ts';
import type { Answer } from '../deliveries/transport.ts';

/** GitHub never returns a secret. */
const MASKED_SECRET = '********';

export type RepositoryHook = components['schemas']['hook'];
export type OrganizationHook = components['schemas']['org-hook'];

/**
 * @param repositoryUrl the API's URL of the repository, with which the hook's URLs begin.
 * @param last what the receiver answered last; undefined if it is not known since this server started.
 */
export function repositoryHookAnswer(hook: Hook, repositoryUrl: string, last?: Answer): RepositoryHook {
  const url = `${repositoryUrl}/hooks/${hook.id}`;
  return {
    type: 'Repository',
    ...commonFields(hook, url),
    test_url: `${url}/test`,
    last_response: lastResponse(last?.statusCode ?? hook.lastResponseCode, last?.status),
  };
}

/** @param organizationUrl the API's URL of the organization. */
export function organizationHookAnswer(hook: Hook, organizationUrl: string): OrganizationHook {
  return { type: 'Organization', ...commonFields(hook, `${organizationUrl}/hooks/${hook.id}`) };
}

function commonFields(hook: Hook, url: string) {
  return {
    id: hook.id,
    name: 'web',
    active: hook.active,
    events: [...hook.events],
    config: hookConfigAnswer(hook.config),
    updated_at: hook.updatedAt,
    created_at: hook.createdAt,
    url,
    ping_url: `${url}/pings`,
    deliveries_url: `${url}/deliveries`,
  };
}

export function hookConfigAnswer({ secret, ...config }: HookConfig) {
  return {
    ...config,
    ...(secret === undefined ? {} : { secret: MASKED_SECRET }),
  } satisfies components['schemas']['webhook-config'];
}

function lastResponse(
  code: number | null,
  message = `Invalid HTTP Response: ${code}`,
): components['schemas']['hook-response'] {
  if (code === null) return { code, status: 'unused', message: null };
  if (code >= 200 && code < 400) return { code, status: 'active', message: 'OK' };
  return { code, status: 'misconfigured', message };
}
