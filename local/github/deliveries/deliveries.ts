import { randomUUID } from 'node:crypto';
import type { Bank } from '../bank/bank.ts';
import { type Hook, type HookScope, type Repository, timestamp } from '../bank/entities.ts';
import type { RefUpdate } from '../bank/git/histories.ts';
import { pingEvent } from '../representations/ping-event.ts';
import { pushEvent } from '../representations/push-event.ts';
import { encodeEvent, isLoopback, signatureHeaders } from './signature.ts';
import { type Answer, send } from './transport.ts';

export interface Delivery {
  readonly id: number;
  /** The same for all attempts to deliver one event. */
  readonly guid: string;
  readonly event: string;
  readonly isRedelivery: boolean;
  /** Null for events without a repository, such as the ping of an organization's webhook. */
  readonly repositoryId: number | null;
  readonly target: Target;
  readonly url: string;
  readonly deliveredAt: string;
  readonly durationSeconds: number;
  readonly request: { readonly headers: Readonly<Record<string, string>>; readonly payload: object };
  readonly answer: Answer;
}

/** The repository or organization that the hook belongs to. */
interface Target {
  readonly type: HookScope;
  readonly id: number;
}

/** A push to a repository. */
interface Pushed {
  repository: Repository;
  updates: readonly RefUpdate[];
}

export interface Deliveries {
  /** Delivers the push to the subscribed hooks of the repository and the organization, in the background. */
  push(pushed: Pushed): void;
  /** @param repository undefined for a hook of the organization. */
  ping(hook: Hook, repository: Repository | undefined): void;
  redeliver(hook: Hook, delivery: Delivery): void;
  /** The last hundred deliveries, newest first. */
  of(hookId: number): readonly Delivery[];
  /** Aborts deliveries in progress. */
  close(): void;
}

export interface DeliveryParts {
  bank: Bank;
  now(): Date;
  /** The URL of this server. */
  base(): string;
}

const MAX_KEPT = 100;
const FIRST_ID = 20_000_000_000;

/** An event to deliver to a hook. */
interface Event {
  name: string;
  guid: string;
  payload: object;
  repositoryId: number | null;
  target: Target;
  isRedelivery: boolean;
}

export function createDeliveries({ bank, now, base }: DeliveryParts): Deliveries {
  const deliveries = new Map<number, readonly Delivery[]>();
  const closing = new AbortController();
  let lastId = FIRST_ID;

  const deliver = async (hook: Hook, event: Event): Promise<void> => {
    const attempt = await attemptDelivery(hook, event, { now, signal: closing.signal });
    lastId += 1;
    const delivery = { id: lastId, ...attempt };
    deliveries.set(hook.id, [delivery, ...(deliveries.get(hook.id) ?? [])].slice(0, MAX_KEPT));
  };
  const organization: Target = { type: 'organization', id: bank.organization.id };
  const deliverNew = (
    hook: Hook,
    name: string,
    event: Pick<Event, 'payload' | 'repositoryId' | 'target'>,
  ): void => void deliver(hook, { ...event, name, guid: randomUUID(), isRedelivery: false });

  return {
    push({ repository, updates }) {
      const repositoryId = repository.id;
      const subscribers = [
        ...subscribersOf(bank.hooksOf(repositoryId), { type: 'repository', id: repositoryId }),
        ...subscribersOf(bank.hooksOf('organization'), organization),
      ];
      if (subscribers.length === 0) return;
      const git = bank.gitOf(repositoryId);
      const source = { organization: bank.organization, repository, git, base: base() };
      for (const update of updates) {
        const payload = pushEvent(update, source);
        for (const { hook, target } of subscribers)
          deliverNew(hook, 'push', { payload, repositoryId, target });
      }
    },
    ping(hook, repository) {
      const payload = pingEvent(hook, { organization: bank.organization, repository, base: base() });
      const target: Target =
        repository === undefined ? organization : { type: 'repository', id: repository.id };
      deliverNew(hook, 'ping', { payload, repositoryId: repository?.id ?? null, target });
    },
    redeliver(hook, { event: name, guid, repositoryId, target, request: { payload } }) {
      void deliver(hook, { name, guid, payload, repositoryId, target, isRedelivery: true });
    },
    of: (hookId) => deliveries.get(hookId) ?? [],
    close: () => closing.abort(),
  };
}

async function attemptDelivery(
  hook: Hook,
  event: Event,
  { now, signal }: { now: () => Date; signal: AbortSignal },
): Promise<Omit<Delivery, 'id'>> {
  const { url } = hook.config;
  const { type, body } = encodeEvent(hook.config, event.payload);
  const headers = eventHeaders(hook, event, { type, body });
  const [at, startedMs] = [now(), performance.now()];
  const answer = isLoopback(url) ? await send(url, { headers, body, signal }) : NOT_SENT;
  return {
    guid: event.guid,
    event: event.name,
    isRedelivery: event.isRedelivery,
    repositoryId: event.repositoryId,
    target: event.target,
    url,
    deliveredAt: timestamp(at),
    durationSeconds: Math.round((performance.now() - startedMs) / 10) / 100,
    request: { headers, payload: event.payload },
    answer,
  };
}

const NOT_SENT: Answer = {
  status: 'not sent: the simulated GitHub delivers only to its own machine',
  statusCode: 0,
  headers: null,
  payload: null,
};

const isSubscribed = ({ active, events }: Hook): boolean =>
  active && (events.includes('push') || events.includes('*'));

function subscribersOf(hooks: readonly Hook[], target: Target): { hook: Hook; target: Target }[] {
  return hooks.filter(isSubscribed).map((hook) => ({ hook, target }));
}

function eventHeaders(
  hook: Hook,
  { name, guid, target }: Event,
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
  ping: () => {},
  redeliver: () => {},
  of: () => [],
  close: () => {},
};
