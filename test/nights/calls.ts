/** What a request of the product to the outside is about. */
export const GITHUB_CALLS = [
  'listing',
  'count',
  'heads',
  'histories',
  'blobs',
  'webhook check',
  'webhook write',
  'organization',
  'quota',
  'repository by id',
] as const;
export type GitHubCall = (typeof GITHUB_CALLS)[number];

export type AwsCall =
  | ('table read' | 'table write' | 'table batch write' | 'transaction')
  | ('events' | 'step functions');

/** An invocation of a function by Step Functions or EventBridge is a call, too. */
export type CallKind = GitHubCall | AwsCall | 'invocation';

export interface SentRequest {
  method: string;
  /** Path and query. */
  path: string;
  body: string;
}

/** The kinds of GraphQL queries, by a word that only they contain. */
const QUERIES: readonly [string, GitHubCall][] = [
  ['totalCount', 'count'],
  ['fragment Head', 'heads'],
  ['history(', 'histories'],
];

const ROUTES: readonly [RegExp, GitHubCall][] = [
  [/^GET \/orgs\/[^/]+\/repos/, 'listing'],
  [/^GET \/repos\/[^/]+\/[^/]+\/hooks/, 'webhook check'],
  [/^(?:POST|PATCH) \/repos\/[^/]+\/[^/]+\/hooks/, 'webhook write'],
  [/^GET \/repos\/[^/]+\/[^/]+\/(?:git\/blobs|contents)/, 'blobs'],
  [/^GET \/rate_limit/, 'quota'],
  [/^GET \/(?:orgs\/|user)/, 'organization'],
  [/^GET \/(?:repositories\/|repos\/[^/]+\/[^/]+$)/, 'repository by id'],
];

/** @throws Error for a request that no fault could be planned for. */
export function gitHubCallOf({ method, path, body }: SentRequest): GitHubCall {
  if (path.startsWith('/graphql')) {
    return QUERIES.find(([word]) => body.includes(word))?.[1] ?? 'blobs';
  }
  const kind = ROUTES.find(([route]) => route.test(`${method} ${path}`))?.[1];
  if (!kind) throw new Error(`no kind of request is known for ${method} ${path}`);
  return kind;
}

const READS = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan']);

/** @param operation such as `TransactWriteItems`. */
export function tableCallOf(operation: string): AwsCall {
  if (operation === 'TransactWriteItems') return 'transaction';
  if (operation === 'BatchWriteItem') return 'table batch write';
  return READS.has(operation) ? 'table read' : 'table write';
}
