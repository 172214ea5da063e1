import type { PublishedLimits } from '../../local/github/limits/published-limits.ts';
import { ESTIMATED_QUERY_TIMES } from '../../local/github/simulated-github.ts';
import { PAGE_SIZE } from './bank.ts';

/** What a run must read from GitHub, and write there. */
export interface Work {
  ids: number;
  /** Items whose content has to be read. */
  changed: number;
  /** Repositories whose webhooks are checked one by one. */
  webhooksChecked: number;
  webhooksCreated: number;
}

export interface Conditions {
  latencyMs: number;
  isLimited: boolean;
  /** The number of requests in flight counts even if `isLimited` is false. */
  limits: PublishedLimits;
}

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3_600;

/**
 * The shortest possible time: every request that is needed, each with GitHub's latency, as many in flight as GitHub
 * allows, and none sooner than its limits allow.
 */
export function floorSeconds(work: Work, conditions: Conditions): number {
  const latency = (roundTrips(work, conditions.limits) * conditions.latencyMs) / 1_000;
  return conditions.isLimited ? Math.max(latency, limitedSeconds(work, conditions.limits)) : latency;
}

/** A page lists 100 ids. A query reads 100 heads, or the histories and texts of 100 changed items. */
const pagesFor = (ids: number): number => Math.ceil(ids / PAGE_SIZE);
const readsOf = ({ ids, webhooksChecked }: Work): number => Math.max(1, pagesFor(ids)) + webhooksChecked;
const queriesOf = ({ ids, changed }: Work): number => pagesFor(ids) + pagesFor(changed);

function roundTrips(work: Work, { requestsInFlight }: PublishedLimits): number {
  const { ids, changed, webhooksCreated } = work;
  // The first page tells how many pages there are, so that it is requested alone.
  const inBulk = 1 + Math.ceil((readsOf(work) - 1 + queriesOf(work)) / requestsInFlight);
  const untilListed = ids > PAGE_SIZE ? 2 : 1;
  const oneAfterAnother = untilListed + (ids > 0 ? 1 : 0) + (changed > 0 ? 1 : 0);
  // Writes are serial, as GitHub asks. The first one follows the first page and the check of a webhook.
  const writing = webhooksCreated > 0 ? 2 + webhooksCreated : 0;
  return Math.max(inBulk, oneAfterAnother, writing);
}

function limitedSeconds(work: Work, limits: PublishedLimits): number {
  const { webhooksCreated: writes } = work;
  const restPoints = readsOf(work) * limits.readPoints + writes * limits.writePoints;
  return Math.max(
    MINUTE_SECONDS * fullWindows(restPoints, limits.restPointsPerMinute),
    MINUTE_SECONDS * fullWindows(queriesOf(work) * limits.readPoints, limits.graphqlPointsPerMinute),
    MINUTE_SECONDS * fullWindows(headsMs(work), limits.graphqlComputingMsPerMinute),
    MINUTE_SECONDS * fullWindows(writes, limits.contentWritesPerMinute),
    HOUR_SECONDS * fullWindows(readsOf(work) + writes, limits.restRequestsPerHour),
    HOUR_SECONDS * fullWindows(queriesOf(work), limits.graphqlPointsPerHour),
    HOUR_SECONDS * fullWindows(writes, limits.contentWritesPerHour),
  );
}

/** A branch, its commit, and item.json. */
const GIT_OBJECTS_PER_HEAD = 3;

/** How long GitHub computes the heads of all repositories, in the largest queries. */
function headsMs({ ids }: Work): number {
  const { baseMs, perRepositoryMs, perGitObjectMs } = ESTIMATED_QUERY_TIMES;
  return pagesFor(ids) * baseMs + ids * (perRepositoryMs + GIT_OBJECTS_PER_HEAD * perGitObjectMs);
}

/** How many windows are used up completely before the window of the last request. */
function fullWindows(points: number, pointsPerWindow: number): number {
  return Math.max(0, Math.ceil(points / pointsPerWindow) - 1);
}
