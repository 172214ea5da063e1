import { verifyWithFallback } from '@octokit/webhooks-methods';
import type { SecretSource, WebhookSecrets } from '../github/github-secret.ts';

export interface SignatureDependencies {
  readSecrets: (source: SecretSource) => Promise<WebhookSecrets>;
  now: () => Date;
}

/** Verifies the header `X-Hub-Signature-256` of a delivery, in constant time. */
export type VerifySignature = (body: string, signature: string) => Promise<boolean>;

// Anyone can send invalid signatures. More often than this, they cause no request to Secrets Manager.
const REREAD_INTERVAL_MS = 5_000;

/**
 * A signature by any of the secrets is valid. If none matches, the secrets are read again: a webhook may already have a
 * new secret while this container still knows only the old one, and a rejected delivery would be lost.
 */
export function signatureVerifier({ readSecrets, now }: SignatureDependencies): VerifySignature {
  let rereadAt = Number.NEGATIVE_INFINITY;
  return async (body, signature) => {
    const isValid = ([current, ...previous]: WebhookSecrets): Promise<boolean> =>
      verifyWithFallback(current, body, signature, previous);
    if (await isValid(await readSecrets('cache'))) return true;
    if (now().getTime() - rereadAt < REREAD_INTERVAL_MS) return false;
    rereadAt = now().getTime();
    return isValid(await readSecrets('store'));
  };
}
