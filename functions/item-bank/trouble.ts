import type { Reason, RepositoryTrouble } from '../vocabulary.ts';
import { type Answer, requestIdIn } from './github-answers.ts';

/** What was to be read of a repository, and was not. */
export type Troubled = { kind: 'trouble' } & RepositoryTrouble;

export function troubled(reason: Reason, message: string): Troubled {
  return { kind: 'trouble', reason, message };
}

export const undocumented = (headers: Answer['headers'] = {}): Troubled => ({
  ...troubled('GITHUB_ERROR', 'the answer is not what GitHub documents'),
  ...requestIdIn(headers),
});
