import type { PublishedLimits } from '../../local/github/limits/published-limits.ts';
import { PAGE_SIZE } from './bank.ts';

/** What a run must know of GitHub and do there. */
export interface Work {
  ids: number;
  /** Items whose content the mirror does not have. */
  changed: number;
  /** Repositories whose webhooks are looked at one by one. */
  webhooksChecked: number;
  webhooksCreated: number;
}

export interface Conditions {
  latencyMs: number;
  isLimited: boolean;
  /** As many requests are in flight as GitHub allows, also where it limits nothing else. */
  limits: PublishedLimits;
}

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3_600;

/**
 * Seconds that no client can be faster than: everything that has to be asked, each answer as late as GitHub gives it,
 * as many at a time as it allows, and no sooner than its limits allow.
 */
export function floorSeconds(work: Work, conditions: Conditions): number {
  const latency = (roundTrips(work, conditions.limits) * conditions.latencyMs) / 1_000;
  return conditions.isLimited ? Math.max(latency, limitedSeconds(work, conditions.limits)) : latency;
}

/** A page for 100 ids, and a query for the heads of 100, or for the histories and texts of 100 that have changed. */
const pagesFor = (ids: number): number => Math.ceil(ids / PAGE_SIZE);
const readsOf = ({ ids, webhooksChecked }: Work): number => Math.max(1, pagesFor(ids)) + webhooksChecked;
const queriesOf = ({ ids, changed }: Work): number => pagesFor(ids) + pagesFor(changed);

function roundTrips(work: Work, { requestsInFlight }: PublishedLimits): number {
  const { ids, changed, webhooksCreated } = work;
  // The first page says how many there are: nothing is in flight beside it.
  const inBulk = 1 + Math.ceil((readsOf(work) - 1 + queriesOf(work)) / requestsInFlight);
  const untilListed = ids > PAGE_SIZE ? 2 : 1;
  const oneAfterAnother = untilListed + (ids > 0 ? 1 : 0) + (changed > 0 ? 1 : 0);
  // GitHub asks for one write after another. The first can follow a look at a repository of the first page.
  const writing = webhooksCreated > 0 ? 2 + webhooksCreated : 0;
  return Math.max(inBulk, oneAfterAnother, writing);
}

function limitedSeconds(work: Work, limits: PublishedLimits): number {
  const { webhooksCreated: writes } = work;
  const restPoints = readsOf(work) * limits.readPoints + writes * limits.writePoints;
  return Math.max(
    MINUTE_SECONDS * fullWindows(restPoints, limits.restPointsPerMinute),
    MINUTE_SECONDS * fullWindows(queriesOf(work) * limits.readPoints, limits.graphqlPointsPerMinute),
    MINUTE_SECONDS * fullWindows(writes, limits.contentWritesPerMinute),
    HOUR_SECONDS * fullWindows(readsOf(work) + writes, limits.restRequestsPerHour),
    HOUR_SECONDS * fullWindows(queriesOf(work), limits.graphqlPointsPerHour),
    HOUR_SECONDS * fullWindows(writes, limits.contentWritesPerHour),
  );
}

/** How many windows have passed, all of them used up, before the last can be asked. */
function fullWindows(points: number, pointsPerWindow: number): number {
  return Math.max(0, Math.ceil(points / pointsPerWindow) - 1);
}
