/** The words of docs/architecture.md, as types. */

declare const brand: unique symbol;
type Branded<T, Name> = T & { readonly [brand]: Name };

/** The numeric GitHub repository id: the key of everything. Names change; ids do not. */
export type ItemBankId = Branded<number, 'ItemBankId'>;
/** 1, 2, 3, … in the order in which executions were registered. */
export type JobExecutionId = Branded<number, 'JobExecutionId'>;

/** @throws RangeError when `value` is not an integer that a JavaScript number holds exactly, 1 or more. */
export function itemBankId(value: number): ItemBankId {
  return positiveInteger(value, 'item bank id') as ItemBankId;
}

/** @throws RangeError when `value` is not an integer that a JavaScript number holds exactly, 1 or more. */
export function jobExecutionId(value: number): JobExecutionId {
  return positiveInteger(value, 'job execution id') as JobExecutionId;
}

function positiveInteger(value: number, what: string): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new RangeError(`${String(value)} is not a ${what}: a whole number from 1 to 2^53 - 1`);
}

/** Spring Batch's `BatchStatus`. */
export type BatchStatus =
  | 'STARTING'
  | 'STARTED'
  | 'STOPPING'
  | 'STOPPED'
  | 'COMPLETED'
  | 'FAILED'
  | 'ABANDONED';

export type ExitCode =
  | 'COMPLETED'
  | 'COMPLETED_WITH_FAILURES'
  | 'INCOMPLETE_LISTING'
  | 'STOPPED'
  | 'FAILED'
  | 'ABANDONED';

/** What the listing said of a repository. */
export interface ListedRepository {
  itemBankId: ItemBankId;
  /** GraphQL's id; its `databaseId` has only 32 bits. */
  nodeId: string;
  name: string;
  /** Read-only: it can have no new webhook. */
  archived: boolean;
}

/** The project webhook of one repository. */
export type WebhookState = 'present' | 'missing' | 'created' | 'archived' | 'forbidden' | 'unchecked';

/** Why something could not be done for one repository. */
export type Reason = 'FORBIDDEN' | 'GITHUB_ERROR' | 'HOOK_REFUSED' | 'DEADLINE';

/** What happened to one item bank id in one run. Times are milliseconds. */
export interface ItemResult {
  itemBankId: ItemBankId;
  repository: string;
  outcome: 'checked' | 'deferred' | 'failed';
  webhookFound: WebhookState;
  reason?: Reason;
  /** What GitHub said, for whoever looks into it. */
  message?: string;
  /** GitHub's id of the request that failed, which its support asks for. */
  githubRequestId?: string;
  durationMs: number;
}
