import type { Hook, HookConfig, HookScope } from '../bank/entities.ts';
import { type ValidationFault, validationFailed } from '../refusal.ts';
import { isJsonObject, type JsonObject } from '../request.ts';
import { HOOK_EVENTS } from './hook-events.ts';

/** A hook as described by a request. */
export interface HookDraft {
  active: boolean;
  events: readonly string[];
  config: HookConfig;
}

/** GitHub's limit of hooks per repository or organization that subscribe to the same event. */
const HOOKS_PER_EVENT = 20;

/** @throws Refusal 422 when GitHub would refuse it */
export function parseNewHook(body: JsonObject, scope: HookScope): HookDraft {
  if (body['name'] !== undefined && body['name'] !== 'web') {
    throw validationFailed({ resource: 'Hook', field: 'name', code: 'invalid' });
  }
  return {
    active: parseActive(body['active'] ?? true),
    events: parseEvents(body['events'] ?? ['push'], scope),
    config: parseConfig(body['config']),
  };
}

/**
 * The hook after an update. A given config replaces the previous one completely, so that an omitted secret is removed.
 *
 * @throws Refusal 422 when GitHub would refuse it.
 */
export function parseHookUpdate(hook: Hook, body: JsonObject, scope: HookScope): HookDraft {
  const events = body['events'] === undefined ? hook.events : parseEvents(body['events'], scope);
  const removed = new Set(parseEvents(body['remove_events'] ?? [], scope));
  const added = parseEvents(body['add_events'] ?? [], scope);
  return {
    active: parseActive(body['active'] ?? hook.active),
    events: [...new Set([...events, ...added])].filter((event) => !removed.has(event)),
    config: body['config'] === undefined ? hook.config : parseConfig(body['config']),
  };
}

/**
 * The hook after an update of its config alone. Unlike in an update of the hook, omitted fields keep their values.
 *
 * @throws Refusal 422 when GitHub would refuse it.
 */
export function parseHookConfigUpdate(hook: Hook, body: JsonObject): HookDraft {
  return { ...hook, config: parseConfig({ ...hook.config, ...body }) };
}

/**
 * @param others the owner's other hooks.
 * @throws Refusal 422 when an equal hook exists, or too many subscribe to the same event.
 */
export function assertHookAllowed(draft: HookDraft, others: readonly Hook[], scope: HookScope): void {
  const subscribers = (event: string): Hook[] => others.filter(({ events }) => events.includes(event));
  if (draft.events.some((event) => subscribers(event).some(({ config }) => isSame(config, draft.config)))) {
    throw validationFailed(fault(`Hook already exists on this ${scope}`));
  }
  const crowded = draft.events.find((event) => subscribers(event).length >= HOOKS_PER_EVENT);
  if (crowded !== undefined) {
    throw validationFailed(fault(`The "${crowded}" event cannot have more than ${HOOKS_PER_EVENT} hooks`));
  }
}

/** The secret is not compared, because clients cannot read it. */
function isSame(a: HookConfig, b: HookConfig): boolean {
  return a.url === b.url && a.content_type === b.content_type && a.insecure_ssl === b.insecure_ssl;
}

function parseActive(active: unknown): boolean {
  if (typeof active === 'boolean') return active;
  throw validationFailed({ resource: 'Hook', field: 'active', code: 'invalid' });
}

function parseEvents(events: unknown, scope: HookScope): readonly string[] {
  const isKnown = (event: unknown): event is string =>
    typeof event === 'string' && HOOK_EVENTS[scope].has(event);
  if (Array.isArray(events) && events.every(isKnown)) return [...new Set(events)];
  throw validationFailed({ resource: 'Hook', field: 'events', code: 'invalid' });
}

function parseConfig(config: unknown): HookConfig {
  const fields = isJsonObject(config) ? config : {};
  const { url, secret } = fields;
  if (typeof url !== 'string' || url === '') {
    throw validationFailed(fault('Config must contain URL for webhooks'));
  }
  if (!isAbsoluteHttpUrl(url)) throw validationFailed(fault('Config URL is not a valid HTTP or HTTPS URL'));
  return {
    content_type: fields['content_type'] === 'json' ? 'json' : 'form',
    insecure_ssl: String(fields['insecure_ssl']) === '1' ? '1' : '0',
    url,
    ...(typeof secret === 'string' && secret !== '' ? { secret } : {}),
  };
}

function isAbsoluteHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol);
}

const fault = (message: string): ValidationFault => ({ resource: 'Hook', code: 'custom', message });
