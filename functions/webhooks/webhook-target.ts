import type { GitHubContext } from '../github/github.ts';
import { type Answer, unusableAnswer } from '../github/responses.ts';
import * as z from '../shared/zod.ts';
import { mayPointTo } from './project-webhook.ts';
import { type FoundWebhooks, readWebhooks } from './read-webhooks.ts';

const WrittenWebhook = z.object({ id: z.int(), url: z.string().check(z.minLength(1)) });

/** Every setting of a project webhook. */
export interface WebhookSettings {
  active: true;
  events: string[];
  config: { url: string; content_type: 'json'; secret: string; insecure_ssl: '0' };
}

/**
 * Where a project webhook is: at a repository, at the organization, or at the GitHub App.
 * They throw what Octokit throws.
 */
export interface WebhookTarget {
  /** The events that the project webhook of such a target subscribes to. */
  events: readonly string[];
  /** The events that earlier releases subscribed to. A webhook with these is not repaired. */
  formerEvents?: readonly (readonly string[])[];
  list: () => Promise<FoundWebhooks>;
  /** @returns the id of the new webhook. */
  create: (settings: WebhookSettings) => Promise<number>;
  /** Replaces the whole webhook, including its secret. */
  update: (id: number, settings: WebhookSettings) => Promise<void>;
}

const QUERY = { per_page: 100 };

export function repositoryWebhooks({ github, organization }: GitHubContext, name: string): WebhookTarget {
  const { createWebhook, updateWebhook } = github.rest.repos;
  const repository = { owner: organization, repo: name };
  return {
    // `repository` reports renames, archiving and transfers, `meta` that the webhook itself was deleted.
    events: ['push', 'repository', 'meta'],
    formerEvents: [['push']],
    list: () =>
      readWebhooks(github, { route: 'GET /repos/{owner}/{repo}/hooks', path: repository, query: QUERY }),
    create: async (settings) =>
      writtenId('POST', await createWebhook({ ...repository, name: 'web', ...settings })),
    update: async (hook_id, settings) =>
      void writtenId('PATCH', await updateWebhook({ ...repository, hook_id, ...settings }), hook_id),
  };
}

/** Its `repository` events report repositories that are created, deleted or renamed. */
export function organizationWebhooks({ github, organization: org }: GitHubContext): WebhookTarget {
  const { createWebhook, updateWebhook } = github.rest.orgs;
  return {
    events: ['push', 'repository'],
    list: () => readWebhooks(github, { route: 'GET /orgs/{org}/hooks', path: { org }, query: QUERY }),
    create: async (settings) => writtenId('POST', await createWebhook({ org, name: 'web', ...settings })),
    update: async (hook_id, settings) =>
      void writtenId('PATCH', await updateWebhook({ org, hook_id, ...settings }), hook_id),
  };
}

const AppConfig = z.object({ url: z.optional(z.nullable(z.string())) });
/** In place of an id, which the only webhook of an App has not. */
const APP_WEBHOOK = 0;

/**
 * The webhook of the GitHub App, which reports all repositories that the App is installed on. There is exactly one, which
 * only its App may read and write. GitHub shows its address and its secret here. Which events it reports, and whether it
 * is active, is set in the settings of the App.
 * https://docs.github.com/en/rest/apps/webhooks
 * @returns undefined if the client does not authenticate as an App.
 */
export function appWebhook({
  github,
  projectWebhookUrl,
}: GitHubContext & { projectWebhookUrl: string }): WebhookTarget | undefined {
  const { appAuthorization } = github;
  if (!appAuthorization) return undefined;
  const events = ['push', 'repository'];
  const update = async ({ config }: WebhookSettings): Promise<number> => {
    const headers = { authorization: await appAuthorization() };
    // As `data`, because Octokit takes a parameter named `url` for the address of the request.
    const answer = await github.request('PATCH /app/hook/config', { data: config, headers });
    const isWritten = answer.status === 200 && AppConfig.safeParse(answer.data).data?.url === config.url;
    if (isWritten) return APP_WEBHOOK;
    throw unusableAnswer('PATCH', answer, 'the answer does not show the webhook');
  };
  return {
    events,
    list: async () => {
      const headers = { authorization: await appAuthorization() };
      const answer = await github.request('GET /app/hook/config', { headers });
      const fault = 'answer: expected the configuration of a webhook';
      const unreadable = [{ url: undefined, fault, headers: answer.headers }];
      if (!AppConfig.safeParse(answer.data).success) return { webhooks: [], unreadable };
      const { url, content_type, insecure_ssl, secret } = answer.data;
      if (!url) return { webhooks: [], unreadable: [] };
      if (!mayPointTo(projectWebhookUrl, url)) {
        return { webhooks: [], unreadable: [], occupiedBy: URL.parse(url)?.host ?? 'another address' };
      }
      const config = { url, content_type, insecure_ssl, secret };
      return { webhooks: [{ id: APP_WEBHOOK, active: true, events, config }], unreadable: [] };
    },
    create: update,
    update: async (_, settings) => void (await update(settings)),
  };
}

/**
 * Returns the id of the webhook that GitHub has written. GitHub answers 200 or 201 with the webhook. Any other
 * successful status or content comes from a proxy, or from a redirected request.
 * @param expected the id, if the webhook existed before.
 */
function writtenId(method: 'POST' | 'PATCH', answer: Answer, expected?: number): number {
  const { data: written } = WrittenWebhook.safeParse(answer.data);
  const isWritten = (answer.status === 200 || answer.status === 201) && written !== undefined;
  if (isWritten && (expected === undefined || written.id === expected)) return written.id;
  throw unusableAnswer(method, answer, 'the answer does not show the webhook');
}
