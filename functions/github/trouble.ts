import type { Failure, Reason } from '../shared/contract/job-execution.ts';
import { SyncError } from '../shared/errors.ts';
import { type Answer, requestIdIn, toldWithId } from './github-answers.ts';

/** What was to be read of a repository, and was not. */
export type Troubled = { kind: 'trouble' } & Failure;

export function troubled(reason: Reason, message: string): Troubled {
  return { kind: 'trouble', reason, message };
}

const UNDOCUMENTED = 'the answer is not what GitHub documents';

export const undocumented = (headers: Answer['headers'] = {}): Troubled => ({
  ...troubled('GITHUB_ERROR', UNDOCUMENTED),
  ...requestIdIn(headers),
});

/** The same of an answer that concerns the whole bank. */
export function undocumentedOfBank(cause: unknown, headers: Answer['headers']): SyncError {
  const details = requestIdIn(headers);
  const message = toldWithId({ message: UNDOCUMENTED, ...details });
  return new SyncError('GitHubUnavailable', message, { cause, details });
}
