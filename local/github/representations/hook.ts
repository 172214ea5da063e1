import type { components } from '@octokit/openapi-types';
import type { Hook } from '../bank/bank.ts';

/** GitHub never gives a secret back. */
const MASKED_SECRET = '********';

/** @param repositoryUrl the repository's own URL in the API, which the hook's URLs begin with. */
export function hookAnswer(hook: Hook, repositoryUrl: string): components['schemas']['hook'] {
  const { secret, ...config } = hook.config;
  const url = `${repositoryUrl}/hooks/${hook.id}`;
  return {
    type: 'Repository',
    id: hook.id,
    name: 'web',
    active: hook.active,
    events: [...hook.events],
    config: { ...config, ...(secret === undefined ? {} : { secret: MASKED_SECRET }) },
    updated_at: hook.updatedAt,
    created_at: hook.createdAt,
    url,
    test_url: `${url}/test`,
    ping_url: `${url}/pings`,
    deliveries_url: `${url}/deliveries`,
    last_response: lastResponse(hook.lastResponseCode),
  };
}

function lastResponse(code: number | null): components['schemas']['hook-response'] {
  if (code === null) return { code, status: 'unused', message: null };
  if (code >= 200 && code < 400) return { code, status: 'active', message: 'OK' };
  return { code, status: 'misconfigured', message: `Invalid HTTP Response: ${code}` };
}
