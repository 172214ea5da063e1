import type { PublishedLimits } from '../local/github/limits/published-limits.ts';
import type { HistoriesPlan } from './github/long-histories.ts';
import type { ArrivalPlan } from './product/arrivals.ts';

/** A run of the product, and what it is compared with. */
export interface RunPlan {
  id: string;
  title: string;
  /** The latency of each answer of GitHub. */
  latencyMs: number;
  /** The share of items that are changed before the run. */
  changedPercent: number;
  /** How often the run is measured. The median counts. */
  times: number;
  /** Whether a script with many requests in flight is measured, too. */
  hasParallel: boolean;
  /** When the run is stopped. */
  timeoutSeconds: number;
}

/** A bank, an installation of the product, and the runs that are measured there, in order. */
export interface BankPlan {
  id: string;
  ids: number;
  withoutProjectWebhook: number;
  /** Limits of GitHub that differ from the published ones. The product respects the published ones, or none. */
  limits: 'off' | Partial<Pick<PublishedLimits, 'restRequestsPerHour'>>;
  /** The content of the mirror before the first run. */
  mirror: 'empty' | 'full';
  /** Which webhooks a run checks. */
  webhooks: 'every one' | 'in rotation' | 'of the organization';
  /** The share of repositories whose webhooks are checked by a run. */
  webhookShare: number;
  /** The settings of the stack for these webhooks. */
  settings: Readonly<Record<string, string>>;
  runs: readonly RunPlan[];
  /** The number of repositories that the original's pattern requests. Its time for all is computed from them. */
  sequentialSample?: number;
  load?: ArrivalPlan;
}

export interface Plan {
  banks: readonly BankPlan[];
  histories: HistoriesPlan;
  /** How often each bundle is imported. */
  imports: number;
}

const LATENCY_MS = 100;
const WITHOUT_WEBHOOK = 10;

const UNCHANGED = {
  id: 'unchanged',
  title: 'unchanged',
  latencyMs: LATENCY_MS,
  changedPercent: 0,
  times: 3,
  hasParallel: true,
  timeoutSeconds: 120,
} as const satisfies RunPlan;

const NIGHTLY: readonly RunPlan[] = [
  { ...UNCHANGED, id: 'empty', title: 'empty mirror', times: 1, hasParallel: false },
  UNCHANGED,
  {
    ...UNCHANGED,
    id: 'changed',
    title: '1 % changed',
    changedPercent: 1,
    times: 1,
    hasParallel: false,
  },
];

const ONCE = { ...UNCHANGED, times: 1, hasParallel: false } as const satisfies RunPlan;

/** Measures the ids per second when nothing waits for GitHub. */
const WITHOUT_LATENCY = { ...ONCE, latencyMs: 0 } as const satisfies RunPlan;

const EVERY_WEBHOOK = { webhooks: 'every one', webhookShare: 1, settings: {} } as const;
const ALL_THERE = { withoutProjectWebhook: 0, mirror: 'full' } as const;

const growth = (ids: number, timeoutSeconds: number): BankPlan => ({
  id: `growth-${ids}`,
  ids,
  ...ALL_THERE,
  limits: 'off',
  ...EVERY_WEBHOOK,
  runs: [{ ...WITHOUT_LATENCY, id: `growth-${ids}`, timeoutSeconds }],
});

const limited = (ids: number): BankPlan => ({
  id: 'limits',
  ids,
  ...ALL_THERE,
  limits: {},
  ...EVERY_WEBHOOK,
  runs: [
    { ...UNCHANGED, id: 'unchanged-limits', title: 'unchanged, limits on', times: 1, timeoutSeconds: 600 },
  ],
});

/** Others have used so much of the hourly quota that a run checks a seventh of the webhooks, the minimum. */
const rotation = (ids: number, restRequestsPerHour: number): BankPlan => ({
  id: 'rotation',
  ids,
  ...ALL_THERE,
  limits: { restRequestsPerHour },
  webhooks: 'in rotation',
  webhookShare: 1 / 7,
  settings: {},
  runs: [{ ...ONCE, id: 'rotation', title: 'unchanged, webhooks in rotation, limits on' }],
});

const ofOrganization = (ids: number): BankPlan => ({
  id: 'organization',
  ids,
  ...ALL_THERE,
  limits: 'off',
  webhooks: 'of the organization',
  webhookShare: 0,
  settings: { webhookScope: 'organization' },
  runs: [{ ...ONCE, id: 'organization', title: 'unchanged, a webhook of the organization' }],
});

export const FULL: Plan = {
  banks: [
    {
      id: 'nightly',
      ids: 1_811,
      withoutProjectWebhook: WITHOUT_WEBHOOK,
      limits: 'off',
      mirror: 'empty',
      ...EVERY_WEBHOOK,
      runs: NIGHTLY,
      sequentialSample: 30,
      load: { perSecond: 100, seconds: 60 },
    },
    limited(1_811),
    rotation(1_811, 380),
    ofOrganization(1_811),
    growth(1_000, 120),
    growth(5_000, 120),
    growth(20_000, 300),
    growth(100_000, 900),
  ],
  histories: { smallCommits: 10_000, largeCommits: 450 },
  imports: 5,
};

/** Small banks of the same kinds, which show that the benchmark works, but not how fast anything is. */
export const QUICK: Plan = {
  banks: [
    {
      id: 'nightly',
      ids: 150,
      withoutProjectWebhook: WITHOUT_WEBHOOK,
      limits: 'off',
      mirror: 'empty',
      ...EVERY_WEBHOOK,
      runs: NIGHTLY.map((run) => ({ ...run, times: 1 })),
      sequentialSample: 5,
      load: { perSecond: 100, seconds: 5 },
    },
    limited(150),
    rotation(150, 36),
    ofOrganization(150),
    growth(500, 60),
  ],
  histories: { smallCommits: 300, largeCommits: 10 },
  imports: 1,
};
