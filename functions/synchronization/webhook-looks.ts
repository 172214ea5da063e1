import pMap from 'p-map';
import type { HeadReading } from '../item-bank/heads.ts';
import { isRepositoryName } from '../item-bank/names.ts';
import { checkWebhook, type WebhookCheck, type WebhookRequest } from '../item-bank/webhooks.ts';
import type { ItemBankId, RepositoryTrouble } from '../vocabulary.ts';
import { type Pause, pauseFor } from './pause.ts';
import type { Seen } from './settle.ts';
import type { SynchronizationDependencies } from './synchronize-repositories.ts';

/** What a look at a repository's webhooks said, and when it began (epoch milliseconds). */
export interface WebhookLook extends WebhookCheck {
  startedAt: number;
}

/** Looks where it has not looked yet. @returns why it did not look everywhere. */
export async function checkWebhooks(
  { request, inFlight, stop }: SynchronizationDependencies,
  looks: Map<ItemBankId, WebhookLook>,
  seen: readonly Seen[],
): Promise<Pause | undefined> {
  let pause: Pause | undefined;
  const look = async (one: Seen): Promise<void> => {
    pause ??= stop();
    if (pause) return;
    const startedAt = request.now().getTime();
    try {
      looks.set(one.repository.itemBankId, { ...(await lookAt(request, one)), startedAt });
    } catch (error) {
      pause = pauseFor(error);
    }
  };
  const unseen = seen.filter(({ repository }) => !looks.has(repository.itemBankId));
  await pMap(unseen, look, { concurrency: inFlight });
  return pause;
}

async function lookAt(request: WebhookRequest, { repository, head }: Seen): Promise<WebhookCheck> {
  if (isGone(head)) return { found: 'unchecked' };
  if (!isRepositoryName(repository.name)) return { found: 'unchecked', trouble: NAME_INVALID };
  return checkWebhook(request, repository);
}

const NAME_INVALID: RepositoryTrouble = {
  reason: 'REPOSITORY_NAME_INVALID',
  message: 'the name of the repository is put into no path',
};

/** GitHub has just said so. */
const isGone = (head: HeadReading): boolean =>
  head.kind === 'trouble' && head.reason === 'REPOSITORY_NOT_FOUND';
