import type { JobExecutionId } from './ids.ts';

/** Spring Batch's `BatchStatus`. */
export const BATCH_STATUSES = [
  'STARTING',
  'STARTED',
  'STOPPING',
  'STOPPED',
  'COMPLETED',
  'FAILED',
  'ABANDONED',
] as const;
export type BatchStatus = (typeof BATCH_STATUSES)[number];

const ENDED_STATUSES: readonly BatchStatus[] = ['STOPPED', 'COMPLETED', 'FAILED', 'ABANDONED'];
export const hasEnded = ({ status }: { status: BatchStatus }): boolean => ENDED_STATUSES.includes(status);

export const EXIT_CODES = [
  'COMPLETED',
  'COMPLETED_WITH_FAILURES',
  'INCOMPLETE_LISTING',
  'STOPPED',
  'FAILED',
  'ABANDONED',
] as const;
export type ExitCode = (typeof EXIT_CODES)[number];

/** What started a run. */
export const TRIGGERS = ['api', 'schedule', 'console'] as const;
export type Trigger = (typeof TRIGGERS)[number];

/** Options of a run, chosen by its caller. */
export interface RunOptions {
  /** Lists, compares and records outcomes, and writes nothing else. */
  dryRun: boolean;
  /** Share of the mirror that this run may remove, 0 to 100. Overrides the stage's limit. */
  removalLimitPercent?: number;
  /**
   * The ended run that this one restarts: it handles what that run left, and neither lists the bank nor removes items.
   */
  restartOf?: JobExecutionId;
}

/**
 * What happened to one item bank id in one run. `derived`: the bank has not changed, but this release reads its items
 * differently from the one before.
 */
export const OUTCOMES = [
  'created',
  'updated',
  'derived',
  'unchanged',
  'removed',
  'deferred',
  'failed',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Why something was not done, or why an item was removed. */
export const REASONS = [
  /** Neither the default branch nor a `create_` branch has an item.json. */
  'ITEM_JSON_MISSING',
  /** Not JSON, not UTF-8, not an object, nested too deeply, or without a readable `id` or `type`. */
  'ITEM_JSON_INVALID',
  /** The repository has only a pointer to item.json, whose content is stored in Git LFS. */
  'ITEM_JSON_IN_LFS',
  'ITEM_JSON_TOO_LARGE',
  /** More commits have changed item.json than one run can list. */
  'HISTORY_TOO_LONG',
  /** Of a deferred item: one run can read only a part of its earlier versions. The next run continues. */
  'HISTORY_UNFINISHED',
  /** `id` of item.json does not consist of digits. */
  'ITEM_ID_NOT_NUMERIC',
  /** The repository has no commit. */
  'REPOSITORY_EMPTY',
  /** The repository was listed, but no longer exists. */
  'REPOSITORY_NOT_FOUND',
  /** GitHub does not allow such a name, so it is not used in any request. */
  'REPOSITORY_NAME_INVALID',
  'FORBIDDEN',
  /** GitHub redirected the request to another host, or in a way that would turn a write into a read. */
  'REDIRECTED',
  'GITHUB_ERROR',
  'HOOK_REFUSED',
  /** Other writers kept changing the item while it was synchronized. */
  'CONFLICT',
  'DEADLINE',
  /** The batch of the id failed after all retries. The message has its error. */
  'BATCH_FAILED',
  /** Of removals: the repository is gone, has another owner, or is on the ignore list. */
  'DELETED',
  'TRANSFERRED',
  'IGNORED',
] as const;
export type Reason = (typeof REASONS)[number];

/** Something that could not be done for one repository. */
export interface Failure {
  reason: Reason;
  /** For people, in GitHub's words or ours. */
  message: string;
  /** GitHub's id of the failed request, which its support asks for. */
  githubRequestId?: string;
}

/** A value of item.json that could not be read, and was left out. It quotes nothing of the file. */
export interface FieldIssue {
  /** Its place in item.json: `asl.attachments[1].fileName`. */
  field: string;
  /** JSON's name of its type. */
  received: string;
  /** What is accepted there. */
  expected: string;
}
