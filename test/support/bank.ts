import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { onTestFinished } from 'vitest';
import * as z from 'zod';
import {
  type GitHubOptions as ClientOptions,
  createGitHub,
  type GitHub,
} from '../../functions/github/github.ts';
import {
  type GitHubOptions,
  type SimulatedGitHub,
  startSimulatedGitHub,
} from '../../local/github/simulated-github.ts';
import { type Clock, createClock, withoutPause } from './clock.ts';

export const ORGANIZATION = 'item-bank';
export const TOKEN = 'a-good-token';
export const WEBHOOK_SECRET = 'the-webhook-secret';
export const PROJECT_WEBHOOK_URL = 'https://item-sync.example.org/webhook';

export interface Bank {
  site: SimulatedGitHub;
  /** Where it keeps its state. */
  stateFolder: string;
  /** The product's own client, but that it repeats requests without a pause. */
  github: GitHub;
  /** From now on, the client has this clock. */
  follow: (clock: Pick<Clock, 'now'>) => void;
  /** How often a route was asked for since the last call. */
  requests: (route: string) => number;
}

/**
 * A simulated organization with three batches of repositories; closed when the test ends. Tests that run
 * concurrently hand in the hook of their own context. A state folder that they hand in is deleted too.
 */
export async function startBank(
  options: Partial<GitHubOptions> = {},
  whenFinished: (close: () => Promise<void>) => void = onTestFinished,
): Promise<Bank> {
  const stateFolder = options.stateFolder ?? (await mkdtemp(join(tmpdir(), 'item-sync-bank-')));
  const site = await startSimulatedGitHub({
    port: 0,
    stateFolder,
    organization: ORGANIZATION,
    token: TOKEN,
    repositories: 230,
    withoutProjectWebhook: 4,
    projectWebhookUrl: PROJECT_WEBHOOK_URL,
    seed: 7,
    latencyMs: 0,
    limits: 'off',
    ...options,
  });
  whenFinished(async () => {
    await site.close();
    await rm(stateFolder, { recursive: true, force: true });
  });
  const counted = new Map<string, number>();
  let clock: Pick<Clock, 'now'> = createClock();
  return {
    site,
    stateFolder,
    github: connect(site, TOKEN, { clock: { now: () => clock.now() } }),
    follow: (followed) => {
      clock = followed;
    },
    requests: (route) => {
      const all = site.traffic.requests.get(route) ?? 0;
      const before = counted.get(route) ?? 0;
      counted.set(route, all);
      return all - before;
    },
  };
}

export const connect = (
  { url }: SimulatedGitHub,
  token = TOKEN,
  options: Omit<Partial<ClientOptions>, 'app' | 'token'> = {},
): GitHub => createGitHub({ apiUrl: url, token, pause: withoutPause, clock: createClock(), ...options });

/** The product's own client, but that it asks once. What is refused for good would be refused seconds later too. */
export function connectWithoutRetries(site: SimulatedGitHub): GitHub {
  const github = connect(site);
  github.hook.before('request', (options) => {
    options.request = { ...options.request, retries: 0 };
  });
  return github;
}

/**
 * From now on the client sends one request at a time, so that a clock that requests advance measures each of them alone. A
 * request asks whether GitHub is up before it is done, so that this question does not wait for it.
 */
export function sendSerially({ hook }: GitHub): void {
  const inTurn = pLimit(1);
  hook.wrap('request', (request, options) =>
    options.request['isQuestion'] ? request(options) : inTurn(async () => request(options)),
  );
}

export const ROUTES = {
  listing: 'GET /orgs/{org}/repos',
  graphql: 'POST /graphql',
  listHooks: 'GET /repos/{owner}/{repo}/hooks',
  createHook: 'POST /repos/{owner}/{repo}/hooks',
  organization: 'GET /orgs/{org}',
  repositoryById: 'GET /repositories/{repository_id}',
} as const;

export const hooksPath = (repository: string): string => `/repos/${ORGANIZATION}/${repository}/hooks`;

/** GraphQL's answer to the question how many repositories there are. */
export const reportTotalCount = (totalCount: number, times: number) => ({
  method: 'POST',
  pathPrefix: '/graphql',
  bodyIncludes: 'totalCount',
  times,
  outcome: { status: 200, body: { data: { organization: { repositories: { totalCount } } } } },
});

const Page = z.array(z.looseObject({ name: z.string() }));
const Count = z.object({
  data: z.object({ organization: z.object({ repositories: z.object({ totalCount: z.number() }) }) }),
});

/** From now on the listing leaves a repository out, and every count agrees with it. */
export function hideFromListing({ site }: Bank, hidden: string): void {
  const listing = (page: unknown) => Page.parse(page).filter(({ name }) => name !== hidden);
  const count = (answer: unknown) => {
    const { totalCount } = Count.parse(answer).data.organization.repositories;
    return { data: { organization: { repositories: { totalCount: totalCount - 1 } } } };
  };
  const place = { method: 'GET', pathPrefix: `/orgs/${ORGANIZATION}/repos`, times: Infinity };
  site.fail({ ...place, outcome: { change: listing } });
  site.fail({ ...reportTotalCount(0, Infinity), outcome: { change: count } });
}

export const FORBIDDEN = {
  status: 403,
  body: { message: 'Resource not accessible by personal access token' },
} as const;

export const HTML = { status: 200, body: '<html><body>A proxy is in the way</body></html>' } as const;

/** What a client sees of a GitHub that is down. */
export const OUTAGES = {
  'connections are dropped': { connection: 'dropped-before-work' },
  'GitHub answers 503': { status: 503, body: '<html>Unicorn!</html>' },
} as const;

/** From now on until `mend()`, GitHub answers no request. */
export function takeDown(
  { fail }: Pick<SimulatedGitHub, 'fail'>,
  outcome: Parameters<SimulatedGitHub['fail']>[0]['outcome'] = OUTAGES['connections are dropped'],
): void {
  for (const method of ['GET', 'POST', 'PATCH']) fail({ method, pathPrefix: '/', times: Infinity, outcome });
}

/** How many requests have arrived. */
export const requestsTo = ({ traffic }: Pick<SimulatedGitHub, 'traffic'>): number =>
  [...traffic.requests.values()].reduce((sum, count) => sum + count, 0);
