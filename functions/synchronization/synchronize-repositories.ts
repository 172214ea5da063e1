import type { ItemResult } from '../executions/item-result.ts';
import { type HeadReading, readHeads } from '../github/heads.ts';
import type { Mirror } from '../mirror/mirror.ts';
import { chunksOf } from '../shared/chunks.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { KnownWebhook } from '../shared/contract/webhooks.ts';
import type { WebhookLooks } from '../webhooks/rotation.ts';
import { checkWebhooks, chooseLooks, type LookChoice, type WebhookLook } from '../webhooks/webhook-looks.ts';
import type { WebhookRequest } from '../webhooks/webhooks.ts';
import { type Pause, pauseFor } from './pause.ts';
import { CONTENDED, isChanged, type Ready, type Seen, type Settled, settle } from './settle.ts';

export interface SynchronizationDependencies {
  request: WebhookRequest;
  mirror: Mirror;
  /** Requests for single repositories that may be under way at a time. */
  inFlight: number;
  webhookLooks: WebhookLooks;
  /** Asked before anything new begins. */
  stop: () => Pause | undefined;
}

/** How far the work is. */
interface Work {
  /** Made once: what is noted of the first looks must not change it. */
  choice: LookChoice | undefined;
  looks: Map<ItemBankId, WebhookLook>;
  results: Map<ItemBankId, ItemResult>;
  /** Why the rest was not done. */
  pause: Pause | undefined;
}

// What is read of a group is in memory together, and is lost together when GitHub asks to wait.
const GROUP_SIZE = 25;
// A writer that comes in between has brought the item up to date. Three in a row are something else.
const ATTEMPTS = 3;

/**
 * Brings the mirror of each repository up to date, and looks at its webhooks. Trouble with one of them is its result.
 * @returns the results of those that were done, in their order, and why the others were not.
 * @throws SyncError `GitHubCredentialsRejected`; whatever DynamoDB throws.
 */
export async function synchronizeRepositories(
  dependencies: SynchronizationDependencies,
  repositories: readonly ListedRepository[],
): Promise<{ results: ItemResult[]; pause: Pause | undefined }> {
  const { stop, request } = dependencies;
  const work: Work = { choice: undefined, looks: new Map(), results: new Map(), pause: stop() };
  let left = repositories;
  for (let attempt = 1; attempt <= ATTEMPTS && left.length > 0 && !work.pause; attempt += 1) {
    try {
      await attemptAll(dependencies, work, left);
    } catch (error) {
      work.pause = pauseFor(error);
    }
    left = left.filter(({ itemBankId }) => !work.results.has(itemBankId));
  }
  if (!work.pause) for (const repository of left) record(work, repository, { settled: CONTENDED, request });
  const results = repositories.flatMap(({ itemBankId }) => work.results.get(itemBankId) ?? []);
  return { results, pause: work.pause };
}

async function attemptAll(
  dependencies: SynchronizationDependencies,
  work: Work,
  repositories: readonly ListedRepository[],
): Promise<void> {
  const { request, mirror, stop } = dependencies;
  // Rows first: a head is written over the row that was there before it was read, or not at all.
  const rows = await mirror.read(repositories.map(({ itemBankId }) => itemBankId));
  const heads = await readHeads(request, repositories);
  // Then webhooks: were GitHub to refuse after an item is written, its outcome would be lost.
  const seen = repositories.flatMap((listed): Seen[] => {
    const head = heads.get(listed.itemBankId);
    return head ? [{ repository: asOfNow(listed, head), head, row: rows.get(listed.itemBankId) }] : [];
  });
  work.choice ??= await chooseLooks(dependencies, rows);
  work.pause = await checkWebhooks(dependencies, { ...work, choice: work.choice }, seen);
  const ready = seen.flatMap((one): Ready[] => {
    const look = work.looks.get(one.repository.itemBankId);
    return look ? [{ ...one, webhook: newerThan(one.row?.webhook, look) }] : [];
  });
  for (const [index, group] of groupsOf(ready).entries()) {
    // Time that ran out while webhooks were looked at ends the work after one group: an invocation that settled
    // nothing would be repeated, and look at them again, for as long as they are slow.
    const pause = index === 0 ? undefined : stop();
    if (pause) {
      work.pause ??= pause;
      return;
    }
    for (const [repository, settled] of await settle(dependencies, group)) {
      if (settled) record(work, repository, { settled, request });
    }
  }
}

/** What was noted since the look, by whoever wrote the webhook, is newer. */
const newerThan = (known: KnownWebhook | undefined, { note, startedAt }: WebhookLook) =>
  known?.checkedAt !== undefined && Date.parse(known.checkedAt) > startedAt ? undefined : note;

/** It may have been renamed or archived since it was listed. */
function asOfNow(repository: ListedRepository, head: HeadReading): ListedRepository {
  return head.kind === 'read'
    ? { ...repository, repositoryName: head.name, archived: head.archived }
    : repository;
}

/** What has not changed is quick, and one group; what has is read and written in groups of a bounded size. */
function groupsOf(seen: readonly Ready[]): Ready[][] {
  const { changed = [], others = [] } = Object.groupBy(seen, (one) =>
    isChanged(one) ? 'changed' : 'others',
  );
  return [...(others.length > 0 ? [others] : []), ...chunksOf(changed, { count: GROUP_SIZE })];
}

function record(
  { looks, results }: Work,
  { itemBankId, repositoryName: name }: ListedRepository,
  { settled, request }: { settled: Settled; request: WebhookRequest },
): void {
  const look = looks.get(itemBankId);
  const now = request.now().getTime();
  results.set(itemBankId, {
    itemBankId,
    repositoryName: name,
    webhookFound: look?.found ?? 'unchecked',
    ...(look && webhookOf(look)),
    ...settled,
    durationMs: now - (look?.startedAt ?? now),
  });
}

function webhookOf({ id, differs, others, trouble }: WebhookLook): Partial<ItemResult> {
  return {
    ...(id !== undefined && { webhookId: id }),
    ...(differs && { webhookDiffers: differs }),
    ...(others && { otherWebhooks: others }),
    ...(trouble && { webhookFailure: trouble }),
  };
}
