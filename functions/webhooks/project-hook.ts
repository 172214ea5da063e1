import { isDeepStrictEqual } from 'node:util';
import type { KnownWebhook, WebhookSetting } from '../shared/contract/webhooks.ts';
import type { Hook } from './hook-places.ts';

/** How the project webhook is to be. */
export interface WantedHook {
  url: string;
  events: readonly string[];
  secretVersion: string;
}

/** The project webhook among those that are there. */
export interface ProjectHook {
  hook: Hook;
  /** What of it is not as it should be. */
  differs: WebhookSetting[];
  /** Further webhooks that lead here: deliveries come twice. */
  others: number[];
}

/**
 * Ours is the one whose id is remembered, or else one that leads to this service: to the same host, path and query. A
 * webhook with our path at another host may be anybody's. Of several it is the one that needs no repair, for GitHub
 * would not let another become the same.
 */
export function projectHookAmong(
  hooks: readonly Hook[],
  wanted: WantedHook,
  known: KnownWebhook | undefined,
): ProjectHook | undefined {
  const leading = hooks.filter(({ config }) => leadsTo(wanted.url, config.url));
  const candidates = [
    ...hooks.filter(({ id }) => id === known?.id),
    ...leading.filter(({ config }) => config.url === wanted.url),
    ...leading,
  ];
  const judged = candidates.map((hook) => ({ hook, differs: differencesOf(hook, wanted, known) }));
  const chosen = judged.find(({ differs }) => differs.every((part) => part === 'secret')) ?? judged[0];
  if (!chosen) return undefined;
  const others = leading.map(({ id }) => id).filter((id) => id !== chosen.hook.id);
  return { ...chosen, others };
}

/** Whatever the scheme, and with or without a slash at the end. */
function leadsTo(address: string, given = ''): boolean {
  const [wanted, url] = [URL.parse(address), URL.parse(given)];
  if (!wanted || !url) return false;
  const pathOf = ({ pathname }: URL): string => pathname.replace(/\/$/, '');
  return url.host === wanted.host && pathOf(url) === pathOf(wanted) && url.search === wanted.search;
}

/** A secret that somebody else may have set is taken for ours: nobody can see it, and deliveries will tell. */
function differencesOf(
  { id, active, events, config }: Hook,
  wanted: WantedHook,
  known: KnownWebhook | undefined,
): WebhookSetting[] {
  const { secretVersion = wanted.secretVersion } = known?.id === id ? known : {};
  const isRight: Record<WebhookSetting, boolean> = {
    url: config.url === wanted.url,
    active,
    events: isDeepStrictEqual(new Set(events), new Set(wanted.events)),
    contentType: config.content_type === 'json',
    insecureSsl: String(config.insecure_ssl ?? '0') === '0',
    secret: config.secret !== undefined && secretVersion === wanted.secretVersion,
  };
  return WEBHOOK_PARTS.filter((part) => !isRight[part]);
}

const WEBHOOK_PARTS = [
  'url',
  'active',
  'events',
  'contentType',
  'insecureSsl',
  'secret',
] as const satisfies WebhookSetting[];
