import type { ArrivalPlan } from './product/arrivals.ts';

/** One run of the product, and what it is compared with. */
export interface RunPlan {
  id: string;
  title: string;
  /** Of each answer of GitHub. */
  latencyMs: number;
  limits: 'on' | 'off';
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
  /** What the mirror has at first. */
  mirror: 'empty' | 'full';
  /** How the installation learns of missing webhooks. */
  webhooks: 'every one' | 'in rotation' | 'of the organization';
  /** Of the repositories, how many have their webhooks looked at by a run. */
  webhookShare: number;
  /** Settings of the stack that make it so. */
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
  limits: 'off',
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
  {
    ...UNCHANGED,
    id: 'unchanged-limits',
    title: 'unchanged, limits on',
    limits: 'on',
    times: 1,
    mostSeconds: 600,
  },
];

/** How many ids a second it is when nothing waits for GitHub. */
const WITHOUT_LATENCY = {
  ...UNCHANGED,
  latencyMs: 0,
  times: 1,
  hasParallel: false,
} as const satisfies RunPlan;

const EVERY_WEBHOOK = { webhooks: 'every one', webhookShare: 1, settings: {} } as const;

const growth = (ids: number, mostSeconds: number): BankPlan => ({
  id: `growth-${ids}`,
  ids,
  withoutProjectWebhook: 0,
  mirror: 'full',
  ...EVERY_WEBHOOK,
  runs: [{ ...WITHOUT_LATENCY, id: `growth-${ids}`, mostSeconds }],
});

export const FULL: Plan = {
  banks: [
    {
      id: 'nightly',
      ids: 1_811,
      withoutProjectWebhook: WITHOUT_WEBHOOK,
      mirror: 'empty',
      ...EVERY_WEBHOOK,
      runs: NIGHTLY,
      sequentialSample: 30,
      load: { perSecond: 100, seconds: 60 },
    },
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
      mirror: 'empty',
      ...EVERY_WEBHOOK,
      runs: NIGHTLY.map((run) => ({ ...run, times: 1 })),
      sequentialSample: 5,
      load: { perSecond: 100, seconds: 5 },
    },
    growth(500, 60),
  ],
  imports: 1,
};
