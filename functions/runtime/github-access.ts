import { createGitHub, type GitHub } from '../item-bank/github.ts';
import type { Config } from './config.ts';
import { readGitHubSecret } from './github-secret.ts';

export interface GitHubAccess {
  github: GitHub;
  webhookSecret: string;
}

/** A client with the token that the secret holds now. */
export async function connectToGitHub(
  config: Config<'githubApiUrl' | 'githubSecretId'>,
): Promise<GitHubAccess> {
  const { githubToken, webhookSecret } = await readGitHubSecret(config.githubSecretId);
  return { github: createGitHub({ apiUrl: config.githubApiUrl, token: githubToken }), webhookSecret };
}
