import { scryptSync } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type KnownWebhook, WEBHOOK_SETTINGS, type WebhookSetting } from '../shared/contract/webhooks.ts';
import type { Webhook } from './read-webhooks.ts';

/** How the project webhook should be. */
export interface WantedWebhook {
  url: string;
  /** The accepted lists of events. The last one is that of this release, those before it are of earlier releases. */
  events: readonly (readonly string[])[];
  secretVersion: string;
  /** The secret is being replaced: only a webhook that is known to have the new one is right. */
  isSecretRotating: boolean;
}

/** The project webhook among those that exist. */
export interface ProjectWebhook {
  webhook: Webhook;
  /** Settings that are not as wanted. */
  differs: WebhookSetting[];
  /** Ids of further webhooks that point to this service. They deliver each push again. */
  others: number[];
}

/**
 * Finds the project webhook: the one whose id is remembered, else one that points to this service, which means the same
 * host, path and query. A webhook with our path at another host may belong to somebody else. Of several candidates it
 * takes one that needs no repair, because GitHub does not allow two identical webhooks.
 */
export function findProjectWebhook(
  webhooks: readonly Webhook[],
  wanted: WantedWebhook,
  known: KnownWebhook | undefined,
): ProjectWebhook | undefined {
  const pointingHere = webhooks.filter(({ config }) => isSameAddress(wanted.url, config.url));
  const candidates = [
    ...webhooks.filter(({ id }) => id === known?.id),
    ...pointingHere.filter(({ config }) => config.url === wanted.url),
    ...pointingHere,
  ].map((webhook) => ({ webhook, differs: differingSettings(webhook, wanted, known) }));
  const chosen =
    candidates.find(({ differs }) => differs.every((setting) => setting === 'secret')) ?? candidates[0];
  if (!chosen) return undefined;
  const others = pointingHere.map(({ id }) => id).filter((id) => id !== chosen.webhook.id);
  return { ...chosen, others };
}

/** Whether a webhook points to this service. True if the URL cannot be read. */
export const mayPointTo = (wantedUrl: string, foundUrl: unknown): boolean =>
  typeof foundUrl !== 'string' || isSameAddress(wantedUrl, foundUrl);

/** Ignores the scheme and a trailing slash. */
function isSameAddress(wantedUrl: string, foundUrl: unknown): boolean {
  const [wanted, found] = [URL.parse(wantedUrl), typeof foundUrl === 'string' ? URL.parse(foundUrl) : null];
  if (!wanted || !found) return false;
  const [wantedPath, foundPath] = [wanted, found].map(({ pathname }) => pathname.replace(/\/$/, ''));
  return found.host === wanted.host && foundPath === wantedPath && found.search === wanted.search;
}

/**
 * A setting that cannot be read counts as different.
 */
function differingSettings(
  { id, active, events, config, lastResponseCode }: Webhook,
  wanted: WantedWebhook,
  known: KnownWebhook | undefined,
): WebhookSetting[] {
  const ours = known?.id === id ? known : undefined;
  const isAsWanted: Record<WebhookSetting, boolean> = {
    url: config.url === wanted.url,
    active: active === true,
    events:
      Array.isArray(events) &&
      wanted.events.some((some) => isDeepStrictEqual(new Set(events), new Set(some))),
    contentType: config.content_type === 'json',
    // GitHub documents both text and numbers, with 0 as the default.
    insecureSsl: ['0', 'false'].includes(String(config.insecure_ssl ?? '0')),
    secret: Boolean(config.secret) && isSecretRight(ours, { lastResponseCode, wanted }),
  };
  return WEBHOOK_SETTINGS.filter((setting) => !isAsWanted[setting]);
}

/**
 * GitHub never shows a secret. A secret that this service did not set is taken to be right, unless the secret is being
 * replaced. If this service rejected the last delivery, the secret of the webhook is wrong. GitHub shows that rejection
 * until the next delivery, even after a repair, so it does not count for a repaired webhook.
 */
function isSecretRight(
  ours: KnownWebhook | undefined,
  { lastResponseCode, wanted }: Pick<Webhook, 'lastResponseCode'> & { wanted: WantedWebhook },
): boolean {
  const isRejected = lastResponseCode === UNAUTHORIZED && ours?.state !== 'repaired';
  const isExpected =
    ours?.secretVersion === undefined
      ? !wanted.isSecretRotating
      : ours.secretVersion === wanted.secretVersion;
  return isExpected && !isRejected;
}

// What the receiver answers to a delivery with another signature.
const UNAUTHORIZED = 401;

// Five bytes distinguish the few secrets that a service ever has, and are too few to search for a secret with.
const VERSION_BYTES = 5;

let cached: { secret: string; url: string; version: string } | undefined;

/**
 * A version of a webhook secret that does not reveal the secret. It is remembered for each webhook, because GitHub
 * never shows a secret. The webhook's URL is the salt. scrypt is slow on purpose, so the last result is kept.
 */
export function secretVersionOf(secret: string, url: string): string {
  if (cached?.secret !== secret || cached.url !== url) {
    const version = scryptSync(secret, `project webhook ${url}`, VERSION_BYTES).toString('hex');
    cached = { secret, url, version };
  }
  return cached.version;
}
