import pMap from 'p-map';
import { type FoundRepository, findRepository } from '../github/find-repository.ts';
import type { GitHubContext } from '../github/github.ts';
import { pauseBeforeRetry } from '../github/unauthorized.ts';
import type { Mirror } from '../mirror/mirror.ts';
import type { MirrorRow } from '../mirror/mirror-rows.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { Failure, Reason } from '../shared/contract/job-execution.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import { type Deferral, deferralOf } from '../shared/deferral.ts';
import { REQUESTS_PER_WORKER } from '../synchronization/run-items.ts';
import { type Announcement, isAnnounced, mustExist } from './overtaken.ts';

/** An item bank id, and all messages of one invocation about it. */
export interface WantedItem {
  itemBankId: ItemBankId;
  messages: readonly Announcement[];
}

/** What has to be done about an item bank id. */
export type Task =
  | { kind: 'synchronize'; repository: ListedRepository }
  /** GitHub said that the repository is gone or has another owner, both in its delivery and when asked. */
  | { kind: 'remove'; item: MirrorRow; reason: Extract<Reason, 'DELETED' | 'TRANSFERRED'> }
  /** It is not part of the bank. If the mirror has its item, the next full run removes it. */
  | { kind: 'nothing' }
  | { kind: 'failed'; failure: Failure };

/**
 * Finds out what the messages are about. The mirror knows most repositories. GitHub is asked about those that it does
 * not know, and about those that may have been created, renamed, transferred or deleted.
 * @returns a task for each item, or for a part of them and why the others must wait.
 * @throws SyncError `GitHubCredentialsRejected`; what DynamoDB throws.
 */
export async function findTasks(
  { github, mirror, ignored }: { github: GitHubContext; mirror: Mirror; ignored: ReadonlySet<string> },
  items: readonly WantedItem[],
): Promise<{ tasks: Map<ItemBankId, Task>; deferral: Deferral | undefined }> {
  const rows = await mirror.read(items.map(({ itemBankId }) => itemBankId));
  const tasks = new Map<ItemBankId, Task>();
  let deferral: Deferral | undefined;
  const find = async (item: WantedItem): Promise<void> => {
    const row = rows.get(item.itemBankId);
    if (row && item.messages.every(({ event }) => event !== 'repository')) {
      const { itemBankId, nodeId, repositoryName, archived } = row;
      const repository = { itemBankId, nodeId, repositoryName, archived };
      tasks.set(itemBankId, { kind: 'synchronize', repository });
      return;
    }
    deferral ??= github.stop?.();
    if (deferral) return;
    try {
      tasks.set(item.itemBankId, taskOf(await findTwice(github, item.itemBankId), { item, row, ignored }));
    } catch (error) {
      deferral ??= deferralOf(error);
    }
  };
  await pMap(items, find, { concurrency: REQUESTS_PER_WORKER });
  return { tasks, deferral };
}

/** A single 404 may be a mistake. */
async function findTwice(context: GitHubContext, id: ItemBankId): Promise<FoundRepository> {
  const found = await findRepository(context, id);
  if (found.kind !== 'gone') return found;
  await pauseBeforeRetry(context.github);
  return findRepository(context, id);
}

/** GitHub's API does not know yet what its delivery says. Or the credentials do not see the repository. */
const NOT_FOUND_YET = {
  reason: 'REPOSITORY_NOT_FOUND',
  message: 'GitHub does not find the repository of a push or of a creation',
} as const;

function taskOf(
  found: FoundRepository,
  { item, row, ignored }: { item: WantedItem; row: MirrorRow | undefined; ignored: ReadonlySet<string> },
): Task {
  const { messages } = item;
  switch (found.kind) {
    case 'in-bank': {
      const { repository } = found;
      return ignored.has(repository.repositoryName)
        ? { kind: 'nothing' }
        : { kind: 'synchronize', repository };
    }
    case 'gone':
      if (mustExist(messages)) return { kind: 'failed', failure: NOT_FOUND_YET };
      return row && isAnnounced('deleted', messages)
        ? { kind: 'remove', item: row, reason: 'DELETED' }
        : { kind: 'nothing' };
    case 'transferred':
      return row && isAnnounced('transferred', messages)
        ? { kind: 'remove', item: row, reason: 'TRANSFERRED' }
        : { kind: 'nothing' };
    case 'failed':
      return found;
  }
}
