import type { PublishedLimits } from '../local/github/limits/published-limits.ts';
import type { ArrivalPlan } from './product/arrivals.ts';

/** One run of the product, and what it is compared with. */
export interface RunPlan {
  id: string;
  title: string;
  /** Of each answer of GitHub. */
  latencyMs: number;
  /** Of the bank, what is committed before the run. */
  changedPercent: number;
  /** How often it is measured; the one in the middle counts. */
  times: number;
  /** Whether a script that keeps many requests in flight walks the bank, too. */
  hasParallel: boolean;
  /** The run is stopped then. */
  mostSeconds: number;
}

/** A bank, an installation of the product, and what is measured there, in this order. */
export interface BankPlan {
  id: string;
  ids: number;
  withoutProjectWebhook: number;
  /** What GitHub allows, as far as it is not what it publishes. The product keeps to what is published, or to nothing. */
  limits: 'off' | Partial<Pick<PublishedLimits, 'restRequestsPerHour'>>;
  /** What the mirror has at first. */
  mirror: 'empty' | 'full';
  /** How the installation learns of missing webhooks. */
  webhooks: 'every one' | 'in rotation' | 'of the organization';
  /** Of the repositories, how many have their webhooks looked at by a run. */
  webhookShare: number;
  /** Settings of the stack that make it so, beside whether there are limits. */
  settings: Readonly<Record<string, string>>;
  runs: readonly RunPlan[];
  /** Of the repositories, how many the original's pattern really asks for; its time for all is reckoned from them. */
  sequentialSample?: number;
  load?: ArrivalPlan;
}

export interface Plan {
  banks: readonly BankPlan[];
  /** Of each bundle. */
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
  mostSeconds: 120,
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

/** How many ids a second it is when nothing waits for GitHub. */
const WITHOUT_LATENCY = { ...ONCE, latencyMs: 0 } as const satisfies RunPlan;

const EVERY_WEBHOOK = { webhooks: 'every one', webhookShare: 1, settings: {} } as const;
const ALL_THERE = { withoutProjectWebhook: 0, mirror: 'full' } as const;

const growth = (ids: number, mostSeconds: number): BankPlan => ({
  id: `growth-${ids}`,
  ids,
  ...ALL_THERE,
  limits: 'off',
  ...EVERY_WEBHOOK,
  runs: [{ ...WITHOUT_LATENCY, id: `growth-${ids}`, mostSeconds }],
});

const limited = (ids: number): BankPlan => ({
  id: 'limits',
  ids,
  ...ALL_THERE,
  limits: {},
  ...EVERY_WEBHOOK,
  runs: [{ ...UNCHANGED, id: 'unchanged-limits', title: 'unchanged, limits on', times: 1, mostSeconds: 600 }],
});

/** Others have left so little of the hour that a run looks at a seventh of the webhooks, which is the least. */
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
  imports: 5,
};

/** The same kinds, smaller: to see that the benchmark works, not how fast anything is. */
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
  imports: 1,
};
