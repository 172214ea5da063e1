import * as z from 'zod';
import { ROUTES } from '../../functions/shared/contract/routes.ts';
import { addressOf } from '../api/client.ts';
import { type HttpAnswer, parseJson, type Send } from '../api/http.ts';
import type { GitHubAccess } from '../connection/connection.ts';
import { type Check, check, failed, ok, unknown } from './check.ts';

const Repositories = z.array(z.object({ name: z.string() }));
const Hooks = z.array(z.object({ active: z.boolean(), config: z.object({ url: z.string().optional() }) }));

export interface GitHubQuestion {
  github: Partial<GitHubAccess>;
  apiUrl: string;
  send: Send;
}

/**
 * What a GitHub credential may do, as far as read requests can show. They test the credential that the caller passes:
 * the service's own is in its secret, which is not read.
 */
export async function checkGitHub({ github, apiUrl, send }: GitHubQuestion): Promise<Check[]> {
  const { token, organization, apiUrl: base = 'https://api.github.com' } = github;
  if (token === undefined || organization === undefined) {
    const advice =
      'Set GITHUB_TOKEN and ITEM_SYNC_ORGANIZATION (and GITHUB_API_URL for an Enterprise Server).';
    return [unknown('GitHub', 'no credential or no organization was given', advice)];
  }
  const ask = (path: string): Promise<HttpAnswer> =>
    send(`${base}${path}`, {
      method: 'GET',
      headers: { authorization: `Bearer ${token.reveal()}`, accept: 'application/vnd.github+json' },
    });
  const found = await findRepository(ask, organization);
  if (found.repository === undefined) return found.checks;
  const { repository } = found;
  const inRepository = `/repos/${organization}/${repository}`;
  return [
    ...found.checks,
    await check('contents', () => checkContents(ask, inRepository, repository)),
    ...(await checkHooks(ask, inRepository, { repository, apiUrl })),
  ];
}

const notGitHub = (name: string): Check =>
  unknown(name, 'the answer is not what GitHub documents', 'Check GITHUB_API_URL, and proxies in between.');

type Ask = (path: string) => Promise<HttpAnswer>;

async function findRepository(
  ask: Ask,
  organization: string,
): Promise<{ checks: Check[]; repository?: string }> {
  let repository: string | undefined;
  const result = await check('GitHub', async () => {
    const { status, text } = await ask(`/orgs/${organization}/repos?per_page=1`);
    if (status === 401) {
      return failed(
        'GitHub',
        'GitHub does not accept the credential',
        'It is wrong, revoked or expired: replace it.',
      );
    }
    if (status !== 200) {
      const advice = 'Check the name of the organization, and that the credential may read it.';
      return failed('GitHub', `GitHub answers ${status} for the organization ${organization}`, advice);
    }
    const repositories = Repositories.safeParse(parseJson(text));
    if (!repositories.success) return notGitHub('GitHub');
    const [first] = repositories.data;
    repository = first?.name;
    if (first !== undefined) return ok('GitHub', `the repositories of ${organization} can be listed`);
    // GitHub leaves out repositories that a credential cannot see.
    const advice = 'Either there are none, or the credential cannot see them: check its repository access.';
    return unknown('GitHub', `GitHub lists no repository of ${organization}`, advice);
  });
  return { checks: [result], ...(repository !== undefined && { repository }) };
}

async function checkContents(ask: Ask, inRepository: string, repository: string): Promise<Check> {
  const { status } = await ask(`${inRepository}/contents/item.json`);
  if (status === 200) return ok('contents', `item.json of ${repository} can be read`);
  // GitHub answers 404 in both cases.
  const advice = 'Either the file is missing, or the credential lacks "Contents: read".';
  return status === 404
    ? unknown('contents', `GitHub shows no item.json of ${repository}`, advice)
    : failed(
        'contents',
        `GitHub answers ${status} for item.json of ${repository}`,
        'Give the credential "Contents: read".',
      );
}

async function checkHooks(
  ask: Ask,
  inRepository: string,
  { repository, apiUrl }: { repository: string; apiUrl: string },
): Promise<Check[]> {
  const wanted = addressOf(apiUrl, ROUTES.receiveWebhook, {});
  let permission: Check | undefined;
  const url = await check('webhook URL', async () => {
    const { status, text } = await ask(`${inRepository}/hooks`);
    if (status !== 200) {
      permission = failed(
        'webhooks',
        `GitHub answers ${status} for those of ${repository}`,
        'Give the credential "Webhooks: write", or admin:repo_hook.',
      );
      return unknown('webhook URL', 'the webhooks cannot be read', 'See above.');
    }
    permission = ok('webhooks', `those of ${repository} can be read; writing was not tried`);
    const hooks = Hooks.safeParse(parseJson(text));
    if (!hooks.success) return notGitHub('webhook URL');
    if (hooks.data.some(({ active, config }) => active && config.url === wanted)) {
      return ok('webhook URL', `${repository} reports pushes to ${wanted}`);
    }
    const advice =
      'A run creates it. If the organization or a GitHub App has the webhook, the repository needs none.';
    return unknown('webhook URL', `${repository} has no active webhook to ${wanted}`, advice);
  });
  return [...(permission ? [permission] : []), url];
}
