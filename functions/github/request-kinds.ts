/** How a request counts against GitHub's limits. */
export type RequestKind = 'read' | 'write' | 'query' | 'uncounted';

interface RequestOptions {
  method: string;
  url: string;
  headers: { authorization?: string | undefined };
}

/** What our queries add to Octokit's options of a request. */
export interface QueryOptions {
  /** Overrides the client's number of retries. */
  retries?: number;
  /** Without an answer, parts of the query are sent, so that this query alone does not show an outage of GraphQL. */
  canBeSplit?: boolean;
  /** How long the answer is expected to take. */
  expectedMs?: number;
  /** Called after each attempt with the time that it took. */
  measured?: (ms: number) => void;
}

export function queryOptionsOf({ request = {} }: { request?: Readonly<Record<string, unknown>> }) {
  const { expectedMs, measured, isQuestion } = request;
  return {
    /** Whether the query only asks if GitHub is up. */
    isQuestion: isQuestion === true,
    expectedMs: typeof expectedMs === 'number' ? expectedMs : 0,
    measured: (ms: number): void => {
      if (typeof measured === 'function') measured(ms);
    },
  };
}

const READ_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export function kindOf({ method, url, headers }: RequestOptions): RequestKind {
  // https://docs.github.com/en/rest/rate-limit/rate-limit: the endpoint does not count against the REST limit.
  if (isByApp({ headers }) || url === '/rate_limit') return 'uncounted';
  if (url.endsWith('/graphql')) return 'query';
  return READ_METHODS.has(method) ? 'read' : 'write';
}

/** Whether an App authenticates as itself, by a JWT. Its limits are separate from those of its installations. */
export function isByApp({ headers }: Pick<RequestOptions, 'headers'>): boolean {
  return /^bearer /i.test(headers.authorization ?? '');
}
