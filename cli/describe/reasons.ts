import { REASONS, type Reason } from '../../functions/shared/contract/job-execution.ts';

/** What to do about each reason, in one sentence. docs/operations.md says more. */
const ADVICE: Record<Reason, string> = {
  ITEM_JSON_MISSING: 'Commit an item.json, or put the repository on the ignore list.',
  ITEM_JSON_INVALID: 'Fix item.json.',
  ITEM_JSON_IN_LFS: 'Exclude item.json from Git LFS, and commit it again.',
  ITEM_JSON_TOO_LARGE: 'Make item.json smaller.',
  HISTORY_TOO_LONG:
    'Find out what commits item.json so often, then start the item again in a new repository.',
  HISTORY_UNFINISHED: 'Nothing: the next runs continue until the history is complete.',
  ITEM_ID_NOT_NUMERIC: 'Fix the id in item.json: it must consist of digits.',
  REPOSITORY_EMPTY: 'Commit an item.json, or put the repository on the ignore list.',
  REPOSITORY_NOT_FOUND: 'Nothing: the next run removes the item.',
  REPOSITORY_NAME_INVALID: 'Report it to GitHub: no repository can have such a name.',
  FORBIDDEN: 'Check the permissions of the GitHub credential: item-sync doctor.',
  REDIRECTED: 'Check the setting githubApiUrl and the proxy.',
  GITHUB_ERROR: "Usually nothing. If it repeats, give GitHub's support the request id.",
  HOOK_REFUSED: 'Delete webhooks of the repository that nobody needs.',
  CONFLICT: 'Nothing: the next run handles the item.',
  DEADLINE: 'Nothing, unless it repeats. Then raise runDeadlineHours.',
  BATCH_FAILED: 'Fix the cause that the message names. The next run handles the item.',
  DELETED: 'Nothing: the repository is gone.',
  TRANSFERRED: 'Nothing: the repository has another owner.',
  IGNORED: 'Nothing: the repository is on the ignore list.',
};

const isReason = (text: string): text is Reason => REASONS.some((reason) => reason === text);

/** @returns undefined for a reason that a later release has added. */
export const adviceOnReason = (reason: string): string | undefined =>
  isReason(reason) ? ADVICE[reason] : undefined;
