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

// An empty value counts as absent, so that the end of a rotation may either remove or empty it.
const optionalText = z.optional(
  z.pipe(
    z.string({ error: orFault('is not a string') }).check(z.trim()),
    z.transform((value) => (value === '' ? undefined : value)),
  ),
);

const WEBHOOK_SECRETS = { webhookSecret: text, previousWebhookSecret: optionalText };

const Secret = z.object(
  {
    githubToken: z.optional(text),
    githubApp: z.optional(
      z.object(
        { appId: id, installationId: z.exactOptional(id), privateKey },
        { error: orFault('is not an object with appId, privateKey and, optionally, installationId') },
      ),
    ),
    ...WEBHOOK_SECRETS,
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

/** What GitHub may have signed a delivery with, the current secret first. */
export type WebhookSecrets = readonly [string, ...string[]];

/** Where the webhook secrets are read from: the cache, unless it is too old, or Secrets Manager. */
export type SecretSource = 'cache' | 'store';

/**
 * Reads the webhook secrets alone: a delivery can be verified even if the token is not stored yet.
 * @throws SyncError `GitHubSecretInvalid`.
 */
export async function readWebhookSecrets(secretId: string, source: SecretSource): Promise<WebhookSecrets> {
  // Powertools caches only what it reads with a maximum age above 0. The next delivery needs the new value as well.
  const value = await getSecret(secretId, { maxAge: CACHE_SECONDS, forceFetch: source === 'store' });
  const { webhookSecret, previousWebhookSecret } = parseSecret(
    z.object(WEBHOOK_SECRETS, 'must be a JSON object with webhookSecret'),
    secretId,
    String(value),
  );
  return previousWebhookSecret === undefined ? [webhookSecret] : [webhookSecret, previousWebhookSecret];
}

/** @throws SyncError `GitHubSecretInvalid` with every fault at once, by the field's name and never its value. */
function parseSecret<Schema extends z.ZodMiniType>(
  schema: Schema,
  secretId: string,
  value: string,
): z.output<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(value);
  } catch {
    // The schema rejects undefined. The error of JSON.parse may quote the secret.
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trimStart());
  throw invalid(secretId, faults.join('; '));
}

const invalid = (secretId: string, fault: string): SyncError =>
  new SyncError('GitHubSecretInvalid', `${secretId}: ${fault}`);

/**
 * An App takes precedence over a token.
 * @throws SyncError `GitHubSecretInvalid`.
 */
export function parseGitHubSecret(secretId: string, value: string): GitHubSecret | GitHubAppSecret {
  const { githubApp, githubToken, webhookSecret, previousWebhookSecret } = parseSecret(
    Secret,
    secretId,
    value,
  );
  const webhookSecrets = {
    webhookSecret,
    ...(previousWebhookSecret !== undefined && { previousWebhookSecret }),
  };
  if (githubApp) return { githubApp, ...webhookSecrets };
  if (githubToken === undefined) throw invalid(secretId, 'githubToken or githubApp is missing');
  if (githubToken === TOKEN_PLACEHOLDER)
    throw invalid(secretId, 'githubToken is still the placeholder: store a token');
  if (!isGitHubToken(githubToken)) throw invalid(secretId, `githubToken ${GITHUB_TOKEN_RULE}`);
  return { githubToken, ...webhookSecrets };
}
