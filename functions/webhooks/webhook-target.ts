import type { GitHubContext } from '../github/github.ts';
import * as z from '../shared/zod.ts';
import { type FoundWebhooks, readWebhooks } from './read-webhooks.ts';

const WrittenWebhook = z.object({ id: z.int() });

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
  /** @returns the id of the new webhook; undefined if GitHub's answer has none. */
  create: (settings: WebhookSettings) => Promise<number | undefined>;
  /** Replaces the whole webhook, including its secret. */
  update: (id: number, settings: WebhookSettings) => Promise<unknown>;
}

const QUERY = { per_page: 100 };

export function repositoryWebhooks({ github, organization }: GitHubContext, name: string): WebhookTarget {
  const { createWebhook, updateWebhook } = github.rest.repos;
  const repository = { owner: organization, repo: name };
  return {
    events: ['push'],
    list: () =>
      readWebhooks(github, { route: 'GET /repos/{owner}/{repo}/hooks', path: repository, query: QUERY }),
    create: async (settings) => {
      const { data } = await createWebhook({ ...repository, name: 'web', ...settings });
      return WrittenWebhook.safeParse(data).data?.id;
    },
    update: (hook_id, settings) => updateWebhook({ ...repository, hook_id, ...settings }),
  };
}

/** Its `repository` events report repositories that are created, deleted or renamed. */
export function organizationWebhooks({ github, organization: org }: GitHubContext): WebhookTarget {
  const { createWebhook, updateWebhook } = github.rest.orgs;
  return {
    events: ['push', 'repository'],
    list: () => readWebhooks(github, { route: 'GET /orgs/{org}/hooks', path: { org }, query: QUERY }),
    create: async (settings) => {
      const { data } = await createWebhook({ org, name: 'web', ...settings });
      return WrittenWebhook.safeParse(data).data?.id;
    },
    update: (hook_id, settings) => updateWebhook({ org, hook_id, ...settings }),
  };
}
