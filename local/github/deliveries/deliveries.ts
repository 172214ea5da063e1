import { randomUUID } from 'node:crypto';
import type { InstalledApp } from '../app/installed-app.ts';
import type { Bank } from '../bank/bank.ts';
import { type Hook, type HookScope, type Repository, timestamp } from '../bank/entities.ts';
import type { RefUpdate } from '../bank/git/histories.ts';
import { metaEvent, pingEvent } from '../representations/hook-event.ts';
import { pushEvent } from '../representations/push-event.ts';
import { branchEvent } from '../representations/ref-event.ts';
import { type BankEvent, type RepositoryChange, repositoryEvents } from './repository-events.ts';
import { encodeEvent, isLoopback, signatureHeaders } from './signature.ts';
import { type Answer, send } from './transport.ts';

export interface Delivery {
  readonly id: number;
  /** The same for all attempts to deliver one event. */
  readonly guid: string;
  readonly event: string;
  /** Null for events that have no actions, such as pushes. */
  readonly action: string | null;
  readonly isRedelivery: boolean;
  /** Null for events without a repository, such as the ping of an organization's webhook. */
  readonly repositoryId: number | null;
  /** Null unless the hook is that of an App. */
  readonly installationId: number | null;
  readonly target: Target;
  readonly url: string;
  readonly deliveredAt: string;
  readonly durationSeconds: number;
  readonly request: { readonly headers: Readonly<Record<string, string>>; readonly payload: object };
  readonly answer: Answer;
}

/** What the hook belongs to. GitHub calls an App an integration. */
interface Target {
  readonly type: 'repository' | 'organization' | 'integration';
  readonly id: number;
}

/** A push to a repository. */
interface Pushed {
  repository: Repository;
  updates: readonly RefUpdate[];
}

/** Delivers events to the subscribed hooks of the repository, the organization and the App, in the background. */
export interface Deliveries {
  /** Also reports the branches that the push created or deleted. */
  push(pushed: Pushed): void;
  changed(change: RepositoryChange): void;
  /** @param repository undefined for a hook of the organization. */
  ping(hook: Hook, repository: Repository | undefined): void;
  /** Sends the event to the hook itself, if it has subscribed to it. */
  hookDeleted(hook: Hook, repository: Repository | undefined): void;
  redeliver(hook: Hook, delivery: Delivery): void;
  /** The deliveries of the last three days, newest first. */
  of(hookId: number): readonly Delivery[];
  last(hookId: number): Delivery | undefined;
  /** Aborts deliveries in progress. */
  close(): void;
}

export interface DeliveryParts {
  bank: Bank;
  app: InstalledApp | undefined;
  now(): Date;
  /** The URL of this server. */
  base(): string;
}

/** https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/viewing-webhook-deliveries */
const KEPT_MS = 3 * 24 * 60 * 60 * 1000;
/** GitHub keeps all. This limits the memory of a simulation that runs for days. */
const MAX_KEPT = 5_000;
const FIRST_ID = 20_000_000_000;
/** GitHub does not deliver an event with a larger payload. https://docs.github.com/en/webhooks/webhook-events-and-payloads */
const MAX_PAYLOAD_BYTES = 25 * 1024 * 1024;

interface Addressee {
  hook: Hook;
  target: Target;
}

/** An event to deliver to a hook. */
interface Attempt extends Omit<BankEvent, 'reach'> {
  guid: string;
  isRedelivery: boolean;
}

export function createDeliveries(parts: DeliveryParts): Deliveries {
  const { bank, now, base } = parts;
  const { organization } = bank;
  const kept = new Map<number, Delivery[]>();
  const closing = new AbortController();
  let lastId = FIRST_ID;

  const deliver = async (to: Addressee, attempt: Attempt): Promise<void> => {
    const ended = await attemptDelivery(to, attempt, { ...parts, signal: closing.signal });
    if (ended === undefined) return;
    lastId += 1;
    const deliveries = kept.get(to.hook.id) ?? [];
    deliveries.push({ id: lastId, ...ended });
    kept.set(to.hook.id, deliveries.slice(-MAX_KEPT));
  };
  const deliverNew = (to: Addressee, event: Omit<BankEvent, 'reach'>): void =>
    void deliver(to, { ...event, guid: randomUUID(), isRedelivery: false });
  const publish = ({ reach, ...event }: BankEvent): void => {
    for (const to of addresseesOf(event, reach, parts)) deliverNew(to, event);
  };
  const ownerOf = (hook: Hook, repository: Repository | undefined): Addressee => {
    const owner = repository ?? organization;
    return { hook, target: { type: repository === undefined ? 'organization' : 'repository', id: owner.id } };
  };
  return {
    push({ repository, updates }) {
      const reach = ['repository', 'organization', 'app'] as const;
      const hasSubscribers = ['push', 'create', 'delete'].some(
        (name) => addresseesOf({ name, repositoryId: repository.id }, reach, parts).length > 0,
      );
      if (!hasSubscribers) return;
      const source = { organization, repository, git: bank.gitOf(repository.id), base: base() };
      for (const update of updates) {
        const event = { action: null, repositoryId: repository.id, reach };
        publish({ ...event, name: 'push', payload: pushEvent(update, source) });
        if (update.before === null)
          publish({ ...event, name: 'create', payload: branchEvent(update, source) });
        if (update.oid === null) publish({ ...event, name: 'delete', payload: branchEvent(update, source) });
      }
    },
    changed: (change) => {
      for (const event of repositoryEvents(change, { organization, base: base() })) publish(event);
    },
    ping(hook, repository) {
      const payload = pingEvent(hook, { organization, repository, base: base() });
      const event = { name: 'ping', action: null, payload, repositoryId: repository?.id ?? null };
      deliverNew(ownerOf(hook, repository), event);
    },
    hookDeleted(hook, repository) {
      if (!isSubscribed(hook, 'meta')) return;
      const payload = metaEvent(hook, { organization, repository, base: base() });
      const event = { name: 'meta', action: 'deleted', payload, repositoryId: repository?.id ?? null };
      deliverNew(ownerOf(hook, repository), event);
    },
    redeliver(hook, { event: name, action, guid, repositoryId, target, request: { payload } }) {
      void deliver({ hook, target }, { name, action, guid, payload, repositoryId, isRedelivery: true });
    },
    of: (hookId) => {
      const since = timestamp(new Date(now().getTime() - KEPT_MS));
      return (kept.get(hookId) ?? []).filter(({ deliveredAt }) => deliveredAt >= since).toReversed();
    },
    last: (hookId) => kept.get(hookId)?.at(-1),
    close: () => closing.abort(),
  };
}

/** The active hooks of these kinds that have subscribed to the event. */
function addresseesOf(
  { name, repositoryId }: Pick<BankEvent, 'name' | 'repositoryId'>,
  reach: readonly HookScope[],
  { bank, app }: DeliveryParts,
): Addressee[] {
  const hooksOf = (scope: HookScope): { hooks: readonly Hook[]; target: Target } => {
    switch (scope) {
      case 'repository': {
        const id = repositoryId ?? Number.NaN;
        return { hooks: bank.hooksOf(id), target: { type: 'repository', id } };
      }
      case 'organization':
        return {
          hooks: bank.hooksOf('organization'),
          target: { type: 'organization', id: bank.organization.id },
        };
      case 'app': {
        const sees = app?.installation.selection?.has(repositoryId ?? Number.NaN) ?? true;
        const hook = sees ? app?.webhook.read() : undefined;
        return {
          hooks: hook === undefined ? [] : [hook],
          target: { type: 'integration', id: app?.appId ?? 0 },
        };
      }
      default:
        return scope satisfies never;
    }
  };
  return reach.flatMap((scope) => {
    const { hooks, target } = hooksOf(scope);
    return hooks.filter((hook) => hook.active && isSubscribed(hook, name)).map((hook) => ({ hook, target }));
  });
}

const isSubscribed = ({ events }: Hook, name: string): boolean =>
  events.includes(name) || events.includes('*');

/** Undefined if the payload is too large, which GitHub does not even log. */
async function attemptDelivery(
  { hook, target }: Addressee,
  event: Attempt,
  { app, now, signal }: DeliveryParts & { signal: AbortSignal },
): Promise<Omit<Delivery, 'id'> | undefined> {
  const { url } = hook.config;
  const installationId = target.type === 'integration' && app !== undefined ? app.installationId : null;
  const payload =
    installationId === null
      ? event.payload
      : { ...event.payload, installation: installationIn(installationId) };
  const { type, body } = encodeEvent(hook.config, payload);
  if (Buffer.byteLength(body) > MAX_PAYLOAD_BYTES) return undefined;
  const headers = eventHeaders({ hook, target }, event, { type, body });
  const [at, startedMs] = [now(), performance.now()];
  const answer = isLoopback(url) ? await send(url, { headers, body, signal }) : NOT_SENT;
  return {
    guid: event.guid,
    event: event.name,
    action: event.action,
    isRedelivery: event.isRedelivery,
    repositoryId: event.repositoryId,
    installationId,
    target,
    url,
    deliveredAt: timestamp(at),
    durationSeconds: Math.round((performance.now() - startedMs) / 10) / 100,
    request: { headers, payload },
    answer,
  };
}

const installationIn = (id: number) => ({
  id,
  node_id: Buffer.from(`023:IntegrationInstallation${id}`).toString('base64'),
});

const NOT_SENT: Answer = {
  status: 'not sent: the simulated GitHub delivers only to its own machine',
  statusCode: 0,
  headers: null,
  payload: null,
};

function eventHeaders(
  { hook, target }: Addressee,
  { name, guid }: Attempt,
  { type, body }: { type: string; body: string },
): Record<string, string> {
  return {
    Accept: '*/*',
    'Content-Type': type,
    'User-Agent': 'GitHub-Hookshot/0c0ffee',
    'X-GitHub-Delivery': guid,
    'X-GitHub-Event': name,
    'X-GitHub-Hook-ID': String(hook.id),
    'X-GitHub-Hook-Installation-Target-ID': String(target.id),
    'X-GitHub-Hook-Installation-Target-Type': target.type,
    ...signatureHeaders(hook.config, body),
  };
}

/** Used when deliveries are off. */
export const NO_DELIVERIES: Deliveries = {
  push: () => {},
  changed: () => {},
  ping: () => {},
  hookDeleted: () => {},
  redeliver: () => {},
  of: () => [],
  last: () => undefined,
  close: () => {},
};
