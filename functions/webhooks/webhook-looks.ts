import pMap from 'p-map';
import type { HeadReading } from '../github/heads.ts';
import { isRepositoryName } from '../github/repository.ts';
import type { MirrorRow } from '../mirror/mirror-rows.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { Failure } from '../shared/contract/job-execution.ts';
import type { KnownWebhook } from '../shared/contract/webhooks.ts';
import { type Pause, pauseFor } from '../synchronization/pause.ts';
import type { Seen } from '../synchronization/settle.ts';
import type { SynchronizationDependencies } from '../synchronization/synchronize-repositories.ts';
import { hooksOfRepository } from './hook-places.ts';
import { chooseTurns } from './rotation.ts';
import { noteAfter, noteOfWaiting } from './webhook-notes.ts';
import { checkWebhook, type WebhookCheck, type WebhookRequest } from './webhooks.ts';

/** What a look at a repository's webhooks said, and when it began (epoch milliseconds). */
export interface WebhookLook extends WebhookCheck {
  startedAt: number;
  /** What is to be remembered of it, where that is anything new. */
  note: KnownWebhook | undefined;
}

/** Which repositories are looked at: all, none, or those whose turn it is. */
export type LookChoice = 'all' | 'none' | ReadonlySet<ItemBankId>;

type Rows = ReadonlyMap<ItemBankId, MirrorRow>;

/** @param rows what was read already of the batch's mirror; the others are read. */
export async function chooseLooks(
  { webhookLooks, mirror }: Pick<SynchronizationDependencies, 'webhookLooks' | 'mirror'>,
  rows: Rows,
): Promise<LookChoice> {
  if (typeof webhookLooks === 'string') return webhookLooks;
  const ids = webhookLooks.batch.map(({ itemBankId }) => itemBankId);
  const others = await mirror.read(ids.filter((id) => !rows.has(id)));
  return chooseTurns(webhookLooks, new Map(ids.map((id) => [id, (rows.get(id) ?? others.get(id))?.webhook])));
}

/** Looks where it has not looked yet. @returns why it did not look everywhere. */
export async function checkWebhooks(
  { request, inFlight, stop }: Pick<SynchronizationDependencies, 'request' | 'inFlight' | 'stop'>,
  { looks, choice }: { looks: Map<ItemBankId, WebhookLook>; choice: LookChoice },
  seen: readonly Seen[],
): Promise<Pause | undefined> {
  let pause: Pause | undefined;
  const look = async (one: Seen): Promise<void> => {
    pause ??= stop();
    if (pause) return;
    const now = request.now();
    try {
      const check = await lookAt(request, one);
      const note = noteAfter(one.row?.webhook, check, now);
      looks.set(one.repository.itemBankId, { ...check, note, startedAt: now.getTime() });
    } catch (error) {
      pause = pauseFor(error);
    }
  };
  const unseen = seen.filter(({ repository }) => !looks.has(repository.itemBankId));
  const [chosen, others] = divide(unseen, choice);
  for (const one of others) looks.set(one.repository.itemBankId, unlooked(one, choice, request.now()));
  await pMap(chosen, look, { concurrency: inFlight });
  return pause;
}

function divide(seen: readonly Seen[], choice: LookChoice): [Seen[], Seen[]] {
  if (choice === 'all') return [[...seen], []];
  if (choice === 'none') return [[], [...seen]];
  const { chosen = [], others = [] } = Object.groupBy(seen, ({ repository }) =>
    repository.archived || choice.has(repository.itemBankId) ? 'chosen' : 'others',
  );
  return [chosen, others];
}

function unlooked({ row }: Seen, choice: LookChoice, now: Date): WebhookLook {
  const note = choice === 'none' ? undefined : noteOfWaiting(row?.webhook, now);
  return { found: 'unchecked', note, startedAt: now.getTime() };
}

async function lookAt(request: WebhookRequest, { repository, head, row }: Seen): Promise<WebhookCheck> {
  if (isGone(head)) return { found: 'unchecked' };
  if (!isRepositoryName(repository.repositoryName)) return { found: 'unchecked', trouble: NAME_INVALID };
  if (repository.archived) return { found: 'archived' };
  return checkWebhook(request, hooksOfRepository(request, repository.repositoryName), row?.webhook);
}

const NAME_INVALID: Failure = {
  reason: 'REPOSITORY_NAME_INVALID',
  message: 'the name of the repository is put into no path',
};

/** GitHub has just said so. */
const isGone = (head: HeadReading): boolean =>
  head.kind === 'failed' && head.failure.reason === 'REPOSITORY_NOT_FOUND';
