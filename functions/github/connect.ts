import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../shared/config.ts';
import type { GitHubAppSecret, GitHubSecret } from '../shared/contract/github-secret.ts';
import { createGitHub, type GitHub, type GitHubOptions } from './github.ts';
import { readGitHubSecret } from './github-secret.ts';

export interface GitHubAccess {
  github: GitHub;
  webhookSecret: string;
}

/** Connects as one of so many workers, 1 unless given, that share the limits. */
export type ConnectToGitHub = (workers?: number) => Promise<GitHubAccess>;

/** How long a client tries to get an answer. */
export type Patience = Pick<GitHubOptions, 'requestTimeoutMs' | 'retries'>;

type GitHubConfig = Config<'githubOrganization' | 'githubApiUrl' | 'githubSecretId'>;
type Share = Required<Pick<GitHubOptions, 'limits' | 'workers'>> & Patience;
type Secret = GitHubSecret | GitHubAppSecret;

/** What was connected last, by the configuration of the container. */
const connections = new WeakMap<
  GitHubConfig,
  { to: { secret: Secret; share: Share }; access: GitHubAccess }
>();

/**
 * A client with the credentials that the secret holds now. It is the same one for as long as nothing changes: a token
 * of an App is good for an hour of invocations, and so is what GitHub said of its limits.
 */
export async function connectToGitHub(config: GitHubConfig, share: Share): Promise<GitHubAccess> {
  const to = { secret: await readGitHubSecret(config.githubSecretId), share };
  const known = connections.get(config);
  if (known && isDeepStrictEqual(known.to, to)) return known.access;
  const github = createGitHub({ apiUrl: config.githubApiUrl, ...share, ...credentials(to.secret, config) });
  const access = { github, webhookSecret: to.secret.webhookSecret };
  connections.set(config, { to, access });
  return access;
}

function credentials(secret: Secret, { githubOrganization: organization }: GitHubConfig) {
  if ('githubApp' in secret) return { app: { ...secret.githubApp, organization } };
  return { token: secret.githubToken };
}
