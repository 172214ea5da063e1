import { createPrivateKey } from 'node:crypto';
import { getSecret } from '@aws-lambda-powertools/parameters/secrets';
import {
  GITHUB_TOKEN_RULE,
  type GitHubAppSecret,
  type GitHubSecret,
  isGitHubToken,
  TOKEN_PLACEHOLDER,
} from '../shared/contract/github-secret.ts';
import { SyncError } from '../shared/errors.ts';
import * as z from '../shared/zod.ts';

const orFault =
  (fault: string) =>
  ({ input }: { input?: unknown }) =>
    input === undefined ? 'is missing' : fault;
// A value that was read from a file often ends in a line break.
const text = z.string({ error: orFault('is not a string') }).check(z.trim(), z.minLength(1, 'is empty'));
// The console of Secrets Manager stores every value as a string.
const id = z.pipe(
  z.transform((value) => (typeof value === 'string' ? Number(value) : value)),
  z.int({ error: orFault('is not a number') }).check(z.positive('is not a number')),
);
const privateKey = z.pipe(
  text,
  z.transform((pem, context) => {
    try {
      // In a key on one line, each line end is the two characters `\n`.
      const key = createPrivateKey(pem.replaceAll('\\n', '\n'));
      if (key.asymmetricKeyType === 'rsa') return String(key.export({ type: 'pkcs8', format: 'pem' }));
    } catch {
      // Reported below. The error of createPrivateKey may quote the key.
    }
    context.issues.push({ code: 'custom', message: 'is not an RSA private key in PEM', input: pem });
    return z.NEVER;
  }),
);

const Secret = z.object(
  {
    githubToken: z.optional(text),
    githubApp: z.optional(
      z.object(
        { appId: id, installationId: z.exactOptional(id), privateKey },
        { error: orFault('is not an object with appId, privateKey and, optionally, installationId') },
      ),
    ),
    webhookSecret: text,
  },
  'must be a JSON object with webhookSecret, and with githubToken or githubApp',
);

// New credentials are used within a minute after an operator has stored them.
const CACHE_SECONDS = 60;

/** @throws SyncError `GitHubSecretInvalid`. */
export async function readGitHubSecret(secretId: string): Promise<GitHubSecret | GitHubAppSecret> {
  const value = await getSecret(secretId, { maxAge: CACHE_SECONDS });
  return parseGitHubSecret(secretId, String(value));
}

/**
 * An App takes precedence over a token.
 * @throws SyncError `GitHubSecretInvalid` with every fault at once, by the field's name and never its value.
 */
export function parseGitHubSecret(secretId: string, text: string): GitHubSecret | GitHubAppSecret {
  const invalid = (fault: string) => new SyncError('GitHubSecretInvalid', `${secretId}: ${fault}`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Secret rejects undefined. The error of JSON.parse may quote the secret.
  }
  const parsed = Secret.safeParse(json);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trimStart());
    throw invalid(faults.join('; '));
  }
  const { githubApp, githubToken, webhookSecret } = parsed.data;
  if (githubApp) return { githubApp, webhookSecret };
  if (githubToken === undefined) throw invalid('githubToken or githubApp is missing');
  if (githubToken === TOKEN_PLACEHOLDER) throw invalid('githubToken is still the placeholder: store a token');
  if (!isGitHubToken(githubToken)) throw invalid(`githubToken ${GITHUB_TOKEN_RULE}`);
  return { githubToken, webhookSecret };
}
