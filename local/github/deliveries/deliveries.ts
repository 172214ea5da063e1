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
  /** The same for every attempt to deliver one event. */
  readonly guid: string;
  readonly event: string;
  readonly isRedelivery: boolean;
  /** Null where no repository was concerned, as when a webhook of the organization is pinged. */
  readonly repositoryId: number | null;
  readonly target: Target;
  readonly url: string;
  readonly deliveredAt: string;
  readonly durationSeconds: number;
  readonly request: { readonly headers: Readonly<Record<string, string>>; readonly payload: object };
  readonly answer: Answer;
}

/** What has the hook. */
interface Target {
  readonly type: HookScope;
  readonly id: number;
}

/** Refs of a repository that a push has moved. */
interface Pushed {
  repository: Repository;
  updates: readonly RefUpdate[];
}

export interface Deliveries {
  /** Tells the hooks of the repository and of the organization that listen; returns before they have answered. */
  push(pushed: Pushed): void;
  /** @param repository undefined when it is a hook of the organization. */
  ping(hook: Hook, repository: Repository | undefined): void;
  redeliver(hook: Hook, delivery: Delivery): void;
  /** Newest first, the last hundred. */
  of(hookId: number): readonly Delivery[];
  /** Breaks off what is under way. */
  close(): void;
}

export interface DeliveryParts {
  bank: Bank;
  now(): Date;
  /** Where this server is reached. */
  base(): string;
}

const MOST_KEPT = 100;
const FIRST_ID = 20_000_000_000;

/** What a hook is to be told. */
interface Event {
  name: string;
  guid: string;
  payload: object;
  repositoryId: number | null;
  target: Target;
  isRedelivery: boolean;
}

export function createDeliveries({ bank, now, base }: DeliveryParts): Deliveries {
  const kept = new Map<number, readonly Delivery[]>();
  const closing = new AbortController();
  let lastId = FIRST_ID;

  const deliver = async (hook: Hook, event: Event): Promise<void> => {
    const { type, body } = encodeEvent(hook.config, event.payload);
    const headers = eventHeaders(hook, event, { type, body });
    const [at, started] = [now(), performance.now()];
    const { url } = hook.config;
    const answer = isLoopback(url) ? await send(url, { headers, body, signal: closing.signal }) : NOT_SENT;
    lastId += 1;
    const delivery: Delivery = {
      id: lastId,
      guid: event.guid,
      event: event.name,
      isRedelivery: event.isRedelivery,
      repositoryId: event.repositoryId,
      target: event.target,
      url,
      deliveredAt: timestamp(at),
      durationSeconds: Math.round((performance.now() - started) / 10) / 100,
      request: { headers, payload: event.payload },
      answer,
    };
    kept.set(hook.id, [delivery, ...(kept.get(hook.id) ?? [])].slice(0, MOST_KEPT));
  };
  const organization: Target = { type: 'organization', id: bank.organization.id };
  const tell = (hook: Hook, name: string, event: Pick<Event, 'payload' | 'repositoryId' | 'target'>): void =>
    void deliver(hook, { ...event, name, guid: randomUUID(), isRedelivery: false });

  return {
    push({ repository, updates }) {
      const repositoryId = repository.id;
      const listening = [
        ...listenersOf(bank.hooksOf(repositoryId), { type: 'repository', id: repositoryId }),
        ...listenersOf(bank.hooksOf('organization'), organization),
      ];
      if (listening.length === 0) return;
      const git = bank.gitOf(repositoryId);
      const source = { organization: bank.organization, repository, git, base: base() };
      for (const update of updates) {
        const payload = pushEvent(update, source);
        for (const { hook, target } of listening) tell(hook, 'push', { payload, repositoryId, target });
      }
    },
    ping(hook, repository) {
      const payload = pingEvent(hook, { organization: bank.organization, repository, base: base() });
      const target: Target =
        repository === undefined ? organization : { type: 'repository', id: repository.id };
      tell(hook, 'ping', { payload, repositoryId: repository?.id ?? null, target });
    },
    redeliver(hook, { event: name, guid, repositoryId, target, request: { payload } }) {
      void deliver(hook, { name, guid, payload, repositoryId, target, isRedelivery: true });
    },
    of: (hookId) => kept.get(hookId) ?? [],
    close: () => closing.abort(),
  };
}

const NOT_SENT: Answer = {
  status: 'not sent: the simulated GitHub delivers to its own machine only',
  statusCode: 0,
  headers: null,
  payload: null,
};

const isListening = ({ active, events }: Hook): boolean =>
  active && (events.includes('push') || events.includes('*'));

function listenersOf(hooks: readonly Hook[], target: Target): { hook: Hook; target: Target }[] {
  return hooks.filter(isListening).map((hook) => ({ hook, target }));
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

/** Where deliveries are off: nothing is sent, and so nothing was. */
export const NO_DELIVERIES: Deliveries = {
  push: () => {},
  ping: () => {},
  redeliver: () => {},
  of: () => [],
  close: () => {},
};
