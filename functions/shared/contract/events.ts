import type { ItemBankId } from './ids.ts';
import type { Reason } from './job-execution.ts';
import type { ExecutionResult } from './workflow.ts';

/** `source` of every event on the change event bus. */
export const CHANGE_EVENT_SOURCE = 'item-sync';

/**
 * Why an item of the mirror changed: a run or a caller's request synchronized it, a delivery of GitHub reported a change,
 * or a new release derives other fields from the same state of the bank.
 */
export const CHANGE_CAUSES = ['run', 'delivery', 'request', 'release'] as const;
export type ChangeCause = (typeof CHANGE_CAUSES)[number];
/** What made the service synchronize an item. */
export type ChangeTrigger = Exclude<ChangeCause, 'release'>;

/**
 * Detail of the events about an item that was created, updated or removed. Events are delivered at least once.
 * `version` grows with each change until the item is removed.
 */
export interface ItemChange {
  itemBankId: ItemBankId;
  repositoryName: string;
  /** `id` of item.json; absent if the repository never had a valid item.json. */
  itemId?: string;
  type?: string;
  version: number;
  /** Absent if an earlier release made the change. */
  cause?: ChangeCause;
  /** Of ItemCreated and ItemUpdated: the commit that the mirror shows now. */
  headCommit?: string;
  /** Of ItemRemoved. */
  reason?: Reason;
}

/** Detail of each event by its `detail-type`. */
interface ChangeEvents {
  ItemCreated: ItemChange;
  ItemUpdated: ItemChange;
  ItemRemoved: ItemChange;
  /** A run ended, with whatever status. */
  SyncCompleted: ExecutionResult;
}
export type ChangeEvent = {
  [Type in keyof ChangeEvents]: { type: Type; detail: ChangeEvents[Type] };
}[keyof ChangeEvents];
