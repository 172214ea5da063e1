import type { DeliveryMessage } from './delivery-message.ts';

/** What is read of the messages about one item. */
export type Announcement = Pick<DeliveryMessage, 'event' | 'action' | 'before' | 'after'>;

/**
 * Whether the head that GitHub has just shown is older than the pushes that it has announced. For a second or so after
 * a push, GitHub sometimes still answers with the commit before.
 */
export function isBehind(head: string | undefined, messages: readonly Announcement[]): boolean {
  const left = new Set(messages.map(({ before }) => before));
  // If each push is taken back by another one, any of their commits may be the head now.
  const isFinal = ({ after }: Announcement): boolean => after !== undefined && !left.has(after);
  return head !== undefined && left.has(head) && messages.some(isFinal);
}

/** Whether a `repository` event has this action. The webhook itself may have been deleted, too. */
export const isAnnounced = (wanted: string, messages: readonly Announcement[]): boolean =>
  messages.some(({ event, action }) => event === 'repository' && action === wanted);

/** Whether GitHub must have the repository: somebody has just created it, or pushed to it. */
export const mustExist = (messages: readonly Announcement[]): boolean =>
  (messages.some(({ event }) => event === 'push') || isAnnounced('created', messages)) &&
  !isAnnounced('deleted', messages) &&
  !isAnnounced('transferred', messages);
