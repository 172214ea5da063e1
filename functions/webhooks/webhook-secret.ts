import { scryptSync } from 'node:crypto';

// Enough to tell the few secrets of a service's life from one another, and too little to find one of them by.
const VERSION_BYTES = 5;

let last: { secret: string; url: string; version: string } | undefined;

/**
 * Tells a webhook's secret from those before it, without telling the secret: GitHub shows none, so this is what is
 * remembered. The address that the webhook leads to is the salt. It is reckoned slowly on purpose, and once.
 */
export function secretVersionOf(secret: string, url: string): string {
  if (last?.secret !== secret || last.url !== url) {
    const version = scryptSync(secret, `project webhook ${url}`, VERSION_BYTES).toString('hex');
    last = { secret, url, version };
  }
  return last.version;
}
