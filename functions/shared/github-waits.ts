/** Waits whose end GitHub named: for all requests (`named`), or until the quota of REST or of GraphQL is renewed. */
const NAMED_CAUSES = ['named', 'restQuota', 'graphqlQuota'] as const;
export type NamedCause = (typeof NAMED_CAUSES)[number];

/**
 * Waits for which GitHub named no end, so that each further one is longer: it reported a limit without a time (`limit`),
 * refused requests without a reason (`suspicion`), or did not answer at all (`outage`).
 */
const GROWING_CAUSES = ['limit', 'suspicion', 'outage'] as const;
export type GrowingCause = (typeof GROWING_CAUSES)[number];

/** Why nothing is sent to GitHub for a while. */
export const WAIT_CAUSES = [...NAMED_CAUSES, ...GROWING_CAUSES] as const;
export type WaitCause = (typeof WAIT_CAUSES)[number];

export const isGrowing = (cause: WaitCause): cause is GrowingCause =>
  GROWING_CAUSES.some((growing) => growing === cause);

export interface GitHubWait {
  until: Date;
  /** How many waits of this cause there were in a row. Always 1 if GitHub named the end. */
  count: number;
}

export type GitHubWaits = Partial<Record<WaitCause, GitHubWait>>;

/** Where all functions share how long nothing may be sent to GitHub. */
export interface SharedWaits {
  read: (now: Date) => Promise<GitHubWaits>;
  /**
   * Stores a wait, unless it would shorten the stored one of the same cause.
   * @returns what is stored afterwards.
   */
  extend: (cause: WaitCause, wait: GitHubWait, now: Date) => Promise<GitHubWaits>;
}

/** GitHub's limits last for an hour at most. A longer wait is the fault of a clock or of a proxy. */
export const MAX_WAIT_MS = 3_600_000;
