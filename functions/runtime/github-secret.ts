import { getSecret } from '@aws-lambda-powertools/parameters/secrets';
import * as z from 'zod';
import { type GitHubSecret, TOKEN_PLACEHOLDER } from '../contract.ts';
import { SyncError } from '../errors.ts';

const Secret = z.object({
  githubToken: z.string().min(1),
  webhookSecret: z.string().min(1),
}) satisfies z.ZodType<GitHubSecret>;

// A token that an operator has just replaced is in use this soon.
const CACHE_SECONDS = 60;

/** @throws SyncError `GitHubSecretInvalid`, which never holds what was read. */
export async function readGitHubSecret(secretId: string): Promise<GitHubSecret> {
  const value = await getSecret(secretId, { maxAge: CACHE_SECONDS });
  const secret = Secret.safeParse(parseJson(String(value)));
  if (!secret.success) {
    throw new SyncError('GitHubSecretInvalid', `${secretId} must be JSON with githubToken and webhookSecret`);
  }
  if (secret.data.githubToken === TOKEN_PLACEHOLDER) {
    throw new SyncError('GitHubSecretInvalid', `${secretId} does not hold a GitHub token yet: put one there`);
  }
  return secret.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
