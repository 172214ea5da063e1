import { createPrivateKey } from 'node:crypto';
import { getSecret } from '@aws-lambda-powertools/parameters/secrets';
import * as z from 'zod';
import { type GitHubAppSecret, type GitHubSecret, TOKEN_PLACEHOLDER } from '../contract.ts';
import { SyncError } from '../errors.ts';

const or = (fault: string) => ({
  error: ({ input }: { input?: unknown }) => (input === undefined ? 'is missing' : fault),
});
const text = z.string(or('is no text')).min(1, 'is empty');
// The console of Secrets Manager keeps texts.
const id = z.preprocess(
  (value) => (typeof value === 'string' ? Number(value) : value),
  z.int(or('is no number')).positive('is no number'),
);
const privateKey = text.transform((pem, context) => {
  // Where a key was put into one line, its line ends are two characters each.
  const key = parsePrivateKey(pem.replaceAll('\\n', '\n'));
  if (key !== undefined) return key;
  context.addIssue('is no RSA key in PEM');
  return z.NEVER;
});

const Secret = z.object(
  {
    githubToken: text.optional(),
    githubApp: z
      .object(
        { appId: id, installationId: id.exactOptional(), privateKey },
        or('is no object of appId, privateKey and installationId'),
      )
      .optional(),
    webhookSecret: text,
  },
  'must be JSON with webhookSecret, and with githubToken or githubApp',
);

// Credentials that an operator has just replaced are in use this soon.
const CACHE_SECONDS = 60;

/** @throws SyncError `GitHubSecretInvalid`, which never holds what was read. */
export async function readGitHubSecret(secretId: string): Promise<GitHubSecret | GitHubAppSecret> {
  const value = await getSecret(secretId, { maxAge: CACHE_SECONDS });
  return parseGitHubSecret(secretId, String(value));
}

/**
 * An App goes before a token that was left beside it.
 * @throws SyncError `GitHubSecretInvalid` with every fault at once, by the field's name and never its value.
 */
export function parseGitHubSecret(secretId: string, json: string): GitHubSecret | GitHubAppSecret {
  const invalid = (fault: string) => new SyncError('GitHubSecretInvalid', `${secretId}: ${fault}`);
  const parsed = Secret.safeParse(parseJson(json));
  if (!parsed.success) {
    throw invalid(
      parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trimStart()).join('; '),
    );
  }
  const { githubApp, githubToken, webhookSecret } = parsed.data;
  if (githubApp) return { githubApp, webhookSecret };
  if (githubToken === undefined) throw invalid('githubToken or githubApp is missing');
  if (githubToken === TOKEN_PLACEHOLDER) throw invalid('it holds no GitHub token yet: put one there');
  return { githubToken, webhookSecret };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function parsePrivateKey(pem: string): string | undefined {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== 'rsa') return undefined;
    return String(key.export({ type: 'pkcs8', format: 'pem' }));
  } catch {
    return undefined;
  }
}
