import { createPrimaryLimits, type Granted, type PrimaryLimits } from './primary-limits.ts';
import type { PublishedLimits } from './published-limits.ts';
import { createSecondaryLimits, type SecondaryLimits } from './secondary-limits.ts';

/** What one caller may ask for; nobody else's requests count against it. */
export interface Allowance {
  readonly limits: PublishedLimits;
  readonly primary: PrimaryLimits;
  readonly secondary: SecondaryLimits;
}

export interface AllowanceParts {
  limits: PublishedLimits;
  /** How many repositories the installation sees; undefined for who is no installation. */
  repositories?: () => number;
  now: () => Date;
}

export function createAllowance({ limits, repositories, now }: AllowanceParts): Allowance {
  const user: Granted = { core: limits.restRequestsPerHour, graphql: limits.graphqlPointsPerHour };
  const granted =
    repositories === undefined ? () => user : () => grantedToInstallation(limits, repositories());
  return {
    limits,
    primary: createPrimaryLimits(granted, now),
    secondary: createSecondaryLimits(limits, now),
  };
}

function grantedToInstallation(limits: PublishedLimits, repositories: number): Granted {
  const counted = Math.max(0, repositories - limits.installationRepositoriesWithoutExtra);
  const extra = counted * limits.installationExtraPerRepository;
  const scaled = (least: number): number =>
    Math.max(least, Math.min(least + extra, limits.installationMostPerHour));
  return { core: scaled(limits.restRequestsPerHour), graphql: scaled(limits.graphqlPointsPerHour) };
}
