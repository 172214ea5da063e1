import { createPrivateKey } from 'node:crypto';
import { getSecret } from '@aws-lambda-powertools/parameters/secrets';
import {
  type GitHubAppSecret,
  type GitHubSecret,
  TOKEN_PLACEHOLDER,
} from '../shared/contract/github-secret.ts';
import { SyncError } from '../shared/errors.ts';
import * as z from '../shared/zod.ts';

const or = (fault: string) => ({
  error: ({ input }: { input?: unknown }) => (input === undefined ? 'is missing' : fault),
});
const text = z.string(or('is no text')).check(z.minLength(1, 'is empty'));
// The console of Secrets Manager keeps texts.
const id = z.pipe(
  z.transform((value) => (typeof value === 'string' ? Number(value) : value)),
  z.int(or('is no number')).check(z.positive('is no number')),
);
const privateKey = z.pipe(
  text,
  z.transform((pem, context) => {
    // Where a key was put into one line, its line ends are two characters each.
    const key = parsePrivateKey(pem.replaceAll('\\n', '\n'));
    if (key !== undefined) return key;
    context.issues.push({ code: 'custom', message: 'is no RSA key in PEM', input: pem });
    return z.NEVER;
  }),
);

const Secret = z.object(
  {
    githubToken: z.optional(text),
    githubApp: z.optional(
      z.object(
        { appId: id, installationId: z.exactOptional(id), privateKey },
        or('is no object of appId, privateKey and installationId'),
      ),
    ),
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
