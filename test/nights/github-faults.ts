import type { FailureOutcome } from '../../local/github/failures.ts';
import { GITHUB_CALLS, type GitHubCall } from './calls.ts';

/** How GitHub treats a request. `url` is the whole URL, and `now` the simulated time. */
export type GitHubOutcome = FailureOutcome | { answer: 'never' } | { answer: 'late'; afterMs: number };

interface GitHubFault {
  on: readonly GitHubCall[];
  /** What the request gets instead of its answer. */
  outcome: (request: { url: string; now: Date }) => GitHubOutcome;
  /** How many requests in a row are treated so, at most. */
  most: number;
}

const QUERIES = ['count', 'heads', 'histories', 'blobs'] as const satisfies GitHubCall[];
const READS = GITHUB_CALLS.filter((call) => call !== 'webhook write' && call !== 'quota');
const OFTEN = [
  'heads',
  'histories',
  'blobs',
  'webhook check',
  'webhook write',
] as const satisfies GitHubCall[];

const refused = (status: 403 | 429, message: string, headers: Record<string, string> = {}) => ({
  ...{ status, headers },
  body: { message, documentation_url: 'https://docs.github.com/rest' },
});

const page = (status: number) => ({
  status,
  body: `<html><head><title>${status}</title></head><body>Unicorn!</body></html>`,
});

const SECONDARY = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
const ABUSE =
  'You have triggered an abuse detection mechanism. Please wait a few minutes before you try again.';
const TIMED_OUT =
  'Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug.';

const secondsFrom = (now: Date, seconds: number): string =>
  String(Math.ceil(now.getTime() / 1_000) + seconds);

type Json = Record<string, unknown>;
const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const members = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isJson) : []);
const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((inner, name) => (isJson(inner) ? inner[name] : undefined), value);

/** Changes an answer in place, and returns it. */
const changed = (change: (answer: unknown) => void) => ({
  change: (answer: unknown): unknown => {
    change(answer);
    return answer;
  },
});

const nodesOf = (answer: unknown): Json[] => members(at(answer, 'data', 'nodes'));

const FOREIGN_WEBHOOK = { id: 1, type: 'Repository', name: 'web', config: null, events: null };

/** Everything that GitHub, or a proxy in front of it, is known to answer now and then. */
export const GITHUB_FAULTS = {
  'rate limit that names its time': {
    on: GITHUB_CALLS,
    outcome: () => refused(403, SECONDARY, { 'retry-after': '60' }),
    most: 3,
  },
  'rate limit with 429': {
    on: GITHUB_CALLS,
    outcome: () => refused(429, 'Too many requests', { 'retry-after': '90' }),
    most: 3,
  },
  'rate limit without a time': { on: GITHUB_CALLS, outcome: () => refused(403, SECONDARY), most: 3 },
  'rate limit called abuse': { on: GITHUB_CALLS, outcome: () => refused(403, ABUSE), most: 3 },
  'rate limit of the hour': {
    on: GITHUB_CALLS,
    outcome: ({ now }) =>
      refused(403, 'API rate limit exceeded for user ID 1.', {
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': secondsFrom(now, 900),
      }),
    most: 2,
  },
  'rate limit of queries': {
    on: QUERIES,
    outcome: ({ now }) => ({
      status: 200,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': secondsFrom(now, 600) },
      body: { errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded for user ID 1.' }] },
    }),
    most: 2,
  },
  '403 without a reason': { on: READS, outcome: () => refused(403, 'Forbidden'), most: 8 },
  '401 for a valid token': {
    on: GITHUB_CALLS,
    outcome: () => ({ status: 401, body: { message: 'Bad credentials' } }),
    most: 1,
  },
  'passing 404': {
    on: ['listing', 'count', 'webhook check', 'repository by id', 'organization'],
    outcome: () => ({ status: 404, body: { message: 'Not Found' } }),
    most: 1,
  },
  'redirect on the same host': {
    on: READS,
    outcome: ({ url }) => ({ status: 307, headers: { location: url }, body: { message: 'Moved' } }),
    most: 2,
  },
  'redirect that drops the method': {
    on: ['webhook write'],
    outcome: ({ url }) => ({ status: 301, headers: { location: url }, body: { message: 'Moved' } }),
    most: 2,
  },
  'redirect to another host': {
    on: OFTEN,
    outcome: () => ({ status: 302, headers: { location: 'https://login.example.org/' }, body: '' }),
    most: 1,
  },
  'connection dropped before the work': {
    on: GITHUB_CALLS,
    outcome: () => ({ connection: 'dropped-before-work' }),
    most: 6,
  },
  'connection dropped after the work': {
    on: GITHUB_CALLS,
    outcome: () => ({ connection: 'dropped-after-work' }),
    most: 3,
  },
  'page with 502': { on: GITHUB_CALLS, outcome: () => page(502), most: 6 },
  'page with 503': { on: GITHUB_CALLS, outcome: () => page(503), most: 6 },
  'page with 200': { on: GITHUB_CALLS, outcome: () => page(200), most: 3 },
  'truncated answer': { on: GITHUB_CALLS, outcome: () => ({ status: 200, body: '{"data":{"nod' }), most: 2 },
  'no answer': { on: GITHUB_CALLS, outcome: () => ({ answer: 'never' }), most: 4 },
  'late answer': { on: GITHUB_CALLS, outcome: () => ({ answer: 'late', afterMs: 12_000 }), most: 5 },
  'query that takes too long': {
    on: QUERIES,
    outcome: () => ({ status: 502, body: { data: null, errors: [{ message: TIMED_OUT }] } }),
    most: 6,
  },
  'fields of heads left out': {
    on: ['heads'],
    outcome: () =>
      changed((answer) => {
        for (const node of nodesOf(answer)) {
          delete node['isEmpty'];
          const target = at(node, 'defaultBranchRef', 'target');
          if (isJson(target)) target['committedDate'] = null;
          if (isJson(target) && target['file'] !== null) node['creating'] = { nodes: [null] };
        }
      }),
    most: 3,
  },
  'heads without a repository': {
    on: ['heads'],
    outcome: () => changed(blankOut),
    most: 1,
  },
  'fields of a listed repository left out': {
    on: ['listing'],
    outcome: () =>
      changed((answer) => {
        for (const repository of members(answer)) delete repository['private'];
        delete members(answer)[0]?.['node_id'];
      }),
    most: 1,
  },
  'fields of the organization left out': {
    on: ['organization'],
    outcome: () =>
      changed((answer) => {
        for (const name of ['total_private_repos', 'owned_private_repos', 'public_repos', 'role'])
          if (isJson(answer)) delete answer[name];
      }),
    most: 2,
  },
  'webhook of an unusual shape': {
    on: ['webhook check'],
    outcome: () => changed((answer) => void (Array.isArray(answer) && answer.push(FOREIGN_WEBHOOK))),
    most: 20,
  },
  'listing without a last page': {
    on: ['listing'],
    outcome: () => ({ header: 'link', changeTo: (link) => link.replace(/, <[^>]*>; rel="last"/, '') }),
    most: 3,
  },
  'listing that leaves a repository out': {
    on: ['listing'],
    outcome: () => changed((answer) => void (Array.isArray(answer) && answer.splice(1, 1))),
    most: 3,
  },
  'wrong count': {
    on: ['count'],
    outcome: () =>
      changed((answer) => {
        const count = at(answer, 'data', 'organization', 'repositories');
        if (isJson(count)) count['totalCount'] = Number(count['totalCount']) + 1;
      }),
    most: 3,
  },
} satisfies Record<string, GitHubFault>;

/** For the rest of a run, GitHub neither lists nor counts a repository that exists. Asked for it by its id, it shows it. */
export const NOT_LISTED: Partial<Record<GitHubCall, GitHubOutcome>> = {
  listing: changed((answer) => void (Array.isArray(answer) && answer.length > 1 && answer.splice(1, 1))),
  count: changed((answer) => {
    const count = at(answer, 'data', 'organization', 'repositories');
    if (isJson(count)) count['totalCount'] = Number(count['totalCount']) - 1;
  }),
};

/** GitHub answers null for a node that it fails to read, and says so beside the data. */
function blankOut(answer: unknown): void {
  const data = at(answer, 'data');
  const nodes = at(data, 'nodes');
  if (!Array.isArray(nodes) || !isJson(answer)) return;
  nodes[0] = null;
  answer['errors'] = [{ type: 'SERVICE_UNAVAILABLE', path: ['nodes', 0], message: 'Something went wrong' }];
}

export type GitHubFaultName = keyof typeof GITHUB_FAULTS;

/** How a GitHub that is down treats every request. */
export const GITHUB_OUTAGES = {
  'connections dropped': () => ({ connection: 'dropped-before-work' }),
  'pages with 503': () => page(503),
  'no answers': () => ({ answer: 'never' }),
} satisfies Record<string, () => GitHubOutcome>;
