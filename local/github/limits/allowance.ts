import { createPrimaryLimits, type HourlyQuota, type PrimaryLimits } from './primary-limits.ts';
import type { PublishedLimits } from './published-limits.ts';
import { createSecondaryLimits, type SecondaryLimits } from './secondary-limits.ts';

/** The limits of one caller. Requests of other callers do not count against them. */
export interface Allowance {
  readonly limits: PublishedLimits;
  readonly primary: PrimaryLimits;
  readonly secondary: SecondaryLimits;
}

export interface AllowanceParts {
  limits: PublishedLimits;
  /** The number of repositories that an installation can see; undefined for other callers. */
  repositories?: () => number;
  now: () => Date;
}

export function createAllowance({ limits, repositories, now }: AllowanceParts): Allowance {
  const userQuota: HourlyQuota = { core: limits.restRequestsPerHour, graphql: limits.graphqlPointsPerHour };
  const quota =
    repositories === undefined ? () => userQuota : () => installationQuota(limits, repositories());
  return {
    limits,
    primary: createPrimaryLimits(quota, now),
    secondary: createSecondaryLimits(limits, now),
  };
}

function installationQuota(limits: PublishedLimits, repositories: number): HourlyQuota {
  const counted = Math.max(0, repositories - limits.installationRepositoriesWithoutExtra);
  const extra = counted * limits.installationExtraPerRepository;
  const scaled = (least: number): number =>
    Math.max(least, Math.min(least + extra, limits.installationMaxPerHour));
  return { core: scaled(limits.restRequestsPerHour), graphql: scaled(limits.graphqlPointsPerHour) };
}
