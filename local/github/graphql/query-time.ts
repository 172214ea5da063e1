import { isJsonObject } from '../request.ts';

/** How long a query takes, by what it reads. */
export interface QueryTimes {
  baseMs: number;
  perRepositoryMs: number;
  /** For each branch, commit, tree, tree entry or blob, and for each list of branches or commits. */
  perGitObjectMs: number;
}

/**
 * With these times, a query for the heads of 100 repositories takes 3.5 s. GitHub publishes no times, and those that
 * clients have measured differ from one organization to the next:
 *
 * - A query that reads nothing took 0.3 s, and 5 repositories without git objects 0.4 s. 100 repositories with several
 *   counts each took 8 to 10 s, and one of four queries was aborted. https://github.com/wiiiimm/gh-manager-cli/issues/104
 * - 91 repositories with git data took 6.4 to 6.7 s. With one more git field, three of five queries were aborted.
 *   https://github.com/gfazioli/octoscope/issues/153
 *
 * Both read more of each repository than a head, so a query for heads is assumed to take about half of the time.
 */
export const ESTIMATED_QUERY_TIMES: QueryTimes = { baseMs: 300, perRepositoryMs: 5, perGitObjectMs: 9 };

/** GraphQL types whose values are read from the git repositories themselves. */
const GIT_TYPES: ReadonlySet<string> = new Set([
  'Ref',
  'RefConnection',
  'Commit',
  'CommitHistoryConnection',
  'Tree',
  'TreeEntry',
  'Blob',
]);

/** Measures one query by what its resolvers read, not by the speed of this machine. */
export interface QueryTimer {
  /** Counts an object from which a field is read. */
  read(type: string, source: unknown): void;
  ms(): number;
}

export function createQueryTimer({ baseMs, perRepositoryMs, perGitObjectMs }: QueryTimes): QueryTimer {
  const counted = new WeakSet<object>();
  let repositories = 0;
  let gitObjects = 0;
  return {
    read(type, source) {
      const isGit = GIT_TYPES.has(type);
      if ((!isGit && type !== 'Repository') || !isJsonObject(source) || counted.has(source)) return;
      counted.add(source);
      if (isGit) gitObjects += 1;
      else repositories += 1;
    },
    ms: () => baseMs + repositories * perRepositoryMs + gitObjects * perGitObjectMs,
  };
}

/** For queries that take no time. */
export const NO_TIMER: QueryTimer = { read: () => {}, ms: () => 0 };
