import type { GitHubContext } from '../github/github.ts';
import * as z from '../shared/zod.ts';

const Hook = z.object({
  id: z.int(),
  active: z.boolean(),
  events: z.array(z.string()),
  config: z.object({
    url: z.optional(z.string()),
    content_type: z.optional(z.string()),
    insecure_ssl: z.optional(z.union([z.string(), z.number()])),
    /** Shown as `********`, whatever it is; absent where there is none. */
    secret: z.optional(z.string()),
  }),
});
const Hooks = z.array(Hook);
const WrittenHook = z.object({ id: z.int() });

/** A webhook as GitHub shows it. */
export type Hook = z.infer<typeof Hook>;

/** All that a webhook of ours is made of. */
export interface HookSettings {
  active: true;
  events: string[];
  config: { url: string; content_type: 'json'; secret: string; insecure_ssl: '0' };
}

/**
 * What has webhooks: a repository, or the organization. Both are asked in the same way.
 * Its requests throw what Octokit's throw.
 */
export interface HookPlace {
  /** What the project webhook of such a place listens to. */
  events: readonly string[];
  /** Undefined for an answer that is not what GitHub documents. */
  list: () => Promise<Hook[] | undefined>;
  /** @returns the new webhook's id; undefined where GitHub's answer does not tell it. */
  create: (settings: HookSettings) => Promise<number | undefined>;
  /** Replaces the whole webhook, its secret too. */
  update: (id: number, settings: HookSettings) => Promise<unknown>;
}

const PAGE = { per_page: 100 };

export function hooksOfRepository(
  { github: { paginate, rest }, organization }: GitHubContext,
  name: string,
): HookPlace {
  const { listWebhooks, createWebhook, updateWebhook } = rest.repos;
  const place = { owner: organization, repo: name };
  return {
    events: ['push'],
    list: async () => Hooks.safeParse(await paginate(listWebhooks, { ...place, ...PAGE })).data,
    create: async (settings) => idOf(await createWebhook({ ...place, name: 'web', ...settings })),
    update: (hook_id, settings) => updateWebhook({ ...place, hook_id, ...settings }),
  };
}

/** It hears of pushes to every repository, and of repositories that come, go, or get another name. */
export function hooksOfOrganization({
  github: { paginate, rest },
  organization: org,
}: GitHubContext): HookPlace {
  const { listWebhooks, createWebhook, updateWebhook } = rest.orgs;
  return {
    events: ['push', 'repository'],
    list: async () => Hooks.safeParse(await paginate(listWebhooks, { org, ...PAGE })).data,
    create: async (settings) => idOf(await createWebhook({ org, name: 'web', ...settings })),
    update: (hook_id, settings) => updateWebhook({ org, hook_id, ...settings }),
  };
}

const idOf = ({ data }: { data: unknown }): number | undefined => WrittenHook.safeParse(data).data?.id;
