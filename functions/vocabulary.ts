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

/** The project webhook of one repository, or of the organization. */
export type WebhookState =
  | 'present'
  | 'missing'
  /** It is there, and not as it should be. */
  | 'differs'
  | 'created'
  | 'repaired'
  | 'archived'
  | 'forbidden'
  | 'unchecked';

/** What of a project webhook may differ from what it should be. */
export type WebhookPart = 'url' | 'active' | 'events' | 'contentType' | 'insecureSsl' | 'secret';

/** What is remembered of a project webhook from one run to the next. Times are ISO 8601. */
export interface KnownWebhook {
  /** As it was found or left last. */
  state: WebhookState;
  /** GitHub's id of it. */
  id?: number;
  /** Tells the secret that we gave it from others; absent where others may have set it. */
  secretVersion?: string;
  /** When it was looked at last. */
  checkedAt?: string;
  /** While nobody has looked: since when it waits. */
  metAt?: string;
}

/** What happened to one item bank id in one run. */
export type Outcome = 'created' | 'updated' | 'unchanged' | 'removed' | 'deferred' | 'failed';
export const OUTCOMES = [
  'created',
  'updated',
  'unchanged',
  'removed',
  'deferred',
  'failed',
] as const satisfies Outcome[];

/** Why something was not done, or why an item was removed. */
export type Reason =
  /** The followed branch, and every `create_` branch, has no item.json. */
  | 'ITEM_JSON_MISSING'
  /** Not JSON, not UTF-8, not an object, nested too deeply, or a known field of another type. */
  | 'ITEM_JSON_INVALID'
  | 'ITEM_JSON_TOO_LARGE'
  /** `id` of item.json is not digits alone. */
  | 'ITEM_ID_NOT_NUMERIC'
  /** No commit yet. */
  | 'REPOSITORY_EMPTY'
  /** It was listed, and is gone by now. */
  | 'REPOSITORY_NOT_FOUND'
  /** Not a name that GitHub gives: it is put into no request. */
  | 'REPOSITORY_NAME_INVALID'
  | 'FORBIDDEN'
  | 'GITHUB_ERROR'
  | 'HOOK_REFUSED'
  /** Other writers kept changing the item while it was synchronized. */
  | 'CONFLICT'
  | 'DEADLINE'
  /** Of removals: the repository is gone, has another owner, or is on the ignore list. */
  | 'DELETED'
  | 'TRANSFERRED'
  | 'IGNORED';

/** Trouble with one repository: a reason for programs, GitHub's or our words for people. */
export interface RepositoryTrouble {
  reason: Reason;
  message: string;
  /** GitHub's id of the request that failed, which its support asks for. */
  githubRequestId?: string;
}

/** What became of one item bank id in one run. Times are milliseconds. */
export interface ItemResult extends Partial<RepositoryTrouble> {
  itemBankId: ItemBankId;
  repository: string;
  outcome: Outcome;
  webhookFound: WebhookState;
  /** GitHub's id of the project webhook, where one was found. */
  webhookId?: number;
  /** What of it differs from what it should be. */
  webhookDiffers?: WebhookPart[];
  /** Further webhooks that lead to this service. */
  otherWebhooks?: number[];
  /** Why the webhook could not be checked, or was not created or repaired. */
  webhookTrouble?: RepositoryTrouble;
  /** Of the item's history, how many the run put into the mirror. */
  revisions?: number;
  durationMs: number;
}

/** What the caller of a run asked for. */
export interface RunOptions {
  /** Lists, compares and records outcomes, and writes nothing else anywhere. */
  dryRun: boolean;
  /** Of the mirror, how much this run may remove: in place of the stage's limit. 0 to 100. */
  removalLimitPercent?: number;
}

/** Requests that were sent to GitHub, each attempt by itself, by what they are to its limits. */
export interface RequestCounts {
  reads: number;
  writes: number;
  /** Of GraphQL. */
  queries: number;
  /** Of all these, how many were answered with 403 or 429. */
  refused: number;
}

export const NO_REQUESTS: RequestCounts = { reads: 0, writes: 0, queries: 0, refused: 0 };

export function sumRequests(left: RequestCounts, right: RequestCounts): RequestCounts {
  return {
    reads: left.reads + right.reads,
    writes: left.writes + right.writes,
    queries: left.queries + right.queries,
    refused: left.refused + right.refused,
  };
}

/** What GitHub grants for an hour. */
export interface HourQuota {
  limit: number;
  remaining: number;
  /** This much is left to whoever else uses the token. */
  reserved: number;
  /** ISO 8601, when the next hour begins. */
  resetAt: string;
}

/** What a run that has listed its bank is going to ask GitHub for. */
export interface Forecast {
  /** Of the repositories, how many have their webhooks looked at: more than 0, to 1. */
  webhookShare: number;
  webhookLooks: number;
  /** Of the whole run, what the listing took included. */
  requests: Pick<RequestCounts, 'reads' | 'queries'>;
  /** What GitHub's limits make it take. Absent where none are kept to. */
  seconds?: number;
  /** What was left of the hour. Absent where the server grants no quota. */
  quota?: { rest: HourQuota; graphql?: HourQuota };
}
