import type { Reason } from '../shared/contract/job-execution.ts';
import type { DeliveryMessage } from './delivery-message.ts';

/** What is read of the messages about one item. */
export type Announcement = Pick<DeliveryMessage, 'event' | 'action' | 'before' | 'after'>;

/**
 * Whether the head that GitHub has just shown is older than the pushes that it has announced. For a second or so after
 * a push, GitHub sometimes still answers with the commit before.
 */
export function isBehind(head: string | undefined, messages: readonly Announcement[]): boolean {
  return head !== undefined && beforePushes(messages).has(head) && finalPushes(messages).length > 0;
}

/**
 * Whether GitHub shows no item, although the first push to a repository or to a new branch may have brought one. In the
 * beginning, it sometimes shows neither the commit nor the branch.
 * @param reason why the item could not be read.
 */
export function isUnseen(reason: Reason | undefined, messages: readonly Announcement[]): boolean {
  const pushes = finalPushes(messages);
  if (reason === 'REPOSITORY_EMPTY') return pushes.length > 0;
  return (
    reason === 'ITEM_JSON_MISSING' && pushes.some(({ before }) => before !== undefined && isZero(before))
  );
}

const beforePushes = (messages: readonly Announcement[]): Set<string | undefined> =>
  new Set(messages.map(({ before }) => before));

/**
 * The pushes whose commit no other push has left. If each is taken back by another one, any of their commits may be the
 * head.
 */
function finalPushes(messages: readonly Announcement[]): Announcement[] {
  const left = beforePushes(messages);
  return messages.filter(({ after }) => after !== undefined && !isZero(after) && !left.has(after));
}

/** GitHub's name for no commit: before a branch is created, and after it is deleted. */
const isZero = (commit: string): boolean => /^0+$/.test(commit);

/** Whether a `repository` event has this action. The webhook itself may have been deleted, too. */
export const isAnnounced = (wanted: string, messages: readonly Announcement[]): boolean =>
  messages.some(({ event, action }) => event === 'repository' && action === wanted);

/** Whether GitHub must have the repository: somebody has just created it, or pushed to it. */
export const mustExist = (messages: readonly Announcement[]): boolean =>
  (messages.some(({ event }) => event === 'push') || isAnnounced('created', messages)) &&
  !isAnnounced('deleted', messages) &&
  !isAnnounced('transferred', messages);
