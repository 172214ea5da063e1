import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../shared/config.ts';
import { logger } from '../shared/logger.ts';
import { createGitHub, type GitHub, type GitHubOptions } from './github.ts';
import { readGitHubSecret } from './github-secret.ts';
import { PUBLISHED_LIMITS } from './limits.ts';

/** The settings that a function needs to connect to GitHub. */
export const GITHUB_SETTINGS = [
  'githubOrganization',
  'githubApiUrl',
  'githubSecretId',
  'githubLimits',
] as const;

/** A client, and what belongs to its credentials. */
export interface GitHubAccess {
  github: GitHub;
  webhookSecret: string;
  /** The secret is being replaced: deliveries with the previous one are still accepted. */
  isSecretRotating?: boolean;
}

/** Starting values of a new client. An existing client ignores them, because it has measured its own queries. */
export type QueryStart = Pick<GitHubOptions, 'querySize' | 'predecessor'>;

/** Connects as one of so many clients that share the limits (1 by default). */
export type ConnectToGitHub = (workers?: number, start?: QueryStart) => Promise<GitHubAccess>;

/** How long a client tries to get an answer, and where it shares waits. */
type ConnectionOptions = Pick<GitHubOptions, 'requestTimeoutMs' | 'retries' | 'sharedWaits'>;

/**
 * Connects with the credentials that the secret holds now. As long as nothing changes, all invocations of a container
 * get the same client: an App's token is valid for an hour, and so is what GitHub reports about its quota.
 */
export function gitHubConnector(
  config: Config<(typeof GITHUB_SETTINGS)[number]>,
  options: ConnectionOptions = {},
): ConnectToGitHub {
  const { githubApiUrl: apiUrl, githubOrganization: organization } = config;
  const limits = config.githubLimits === 'published' ? PUBLISHED_LIMITS : 'off';
  let last: { to: object; access: GitHubAccess } | undefined;
  return async (workers = 1, start = {}) => {
    const secret = await readGitHubSecret(config.githubSecretId);
    const to = { secret, workers };
    if (last && isDeepStrictEqual(last.to, to)) return last.access;
    const credentials =
      'githubApp' in secret ? { app: { ...secret.githubApp, organization } } : { token: secret.githubToken };
    const shared = { apiUrl, limits, workers, log: logger } as const;
    const github = createGitHub({ ...shared, ...options, ...start, ...credentials });
    const { webhookSecret, previousWebhookSecret } = secret;
    const access = { github, webhookSecret, isSecretRotating: previousWebhookSecret !== undefined };
    last = { to, access };
    return access;
  };
}
