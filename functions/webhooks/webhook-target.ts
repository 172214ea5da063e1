import type { GitHubContext } from '../github/github.ts';
import { type Answer, unusableAnswer } from '../github/responses.ts';
import * as z from '../shared/zod.ts';
import { type FoundWebhooks, readWebhooks } from './read-webhooks.ts';

const WrittenWebhook = z.object({ id: z.int(), url: z.string().check(z.minLength(1)) });

/** Every setting of a project webhook. */
export interface WebhookSettings {
  active: true;
  events: string[];
  config: { url: string; content_type: 'json'; secret: string; insecure_ssl: '0' };
}

/**
 * Where a project webhook is: at a repository, or at the organization. GitHub's requests for both are alike.
 * They throw what Octokit throws.
 */
export interface WebhookTarget {
  /** The events that the project webhook of such a target subscribes to. */
  events: readonly string[];
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
    events: ['push'],
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
