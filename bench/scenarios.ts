import type { PublishedLimits } from '../local/github/limits/published-limits.ts';
import type { HistoriesPlan } from './github/long-histories.ts';
import type { ArrivalPlan } from './product/arrivals.ts';
import type { PushesPlan } from './product/pushes.ts';
import type { CommandPlan } from './product/sync-command.ts';

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
  /** Whether queries take the time that GitHub is assumed to compute them. */
  queries: 'at once' | 'computed';
  /** The content of the mirror before the first run. */
  mirror: 'empty' | 'full';
  webhooks: CheckedWebhooks;
  /** The share of repositories whose webhooks are checked by a run. */
  webhookShare: number;
  /** The settings of the stack for these webhooks. */
  settings: StackSettings;
  runs: readonly RunPlan[];
  /** The number of repositories that the original's pattern requests. Its time for all is computed from them. */
  sequentialSample?: number;
  load?: ArrivalPlan;
}

/** Which webhooks a run checks. */
export type CheckedWebhooks = 'every one' | 'in rotation' | 'of the organization';
type StackSettings = Readonly<Record<string, string>>;

/** A run in which nothing has changed, whose functions are invoked one by one. */
export interface FunctionsPlan {
  id: string;
  ids: number;
  webhooks: CheckedWebhooks;
  settings: StackSettings;
}

export interface Plan {
  banks: readonly BankPlan[];
  functions: readonly FunctionsPlan[];
  pushes?: PushesPlan;
  command?: CommandPlan;
  histories?: HistoriesPlan;
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
const OF_ORGANIZATION = {
  webhooks: 'of the organization',
  webhookShare: 0,
  settings: { webhookScope: 'organization' },
} as const;
const WITHOUT_LIMITS = { limits: 'off', queries: 'at once' } as const;
const ALL_THERE = { withoutProjectWebhook: 0, mirror: 'full' } as const;

const nightly = (
  ids: number,
  {
    runs,
    sequentialSample,
    seconds,
  }: { runs: readonly RunPlan[]; sequentialSample: number; seconds: number },
): BankPlan => ({
  id: 'nightly',
  ids,
  withoutProjectWebhook: WITHOUT_WEBHOOK,
  ...WITHOUT_LIMITS,
  mirror: 'empty',
  ...EVERY_WEBHOOK,
  runs,
  sequentialSample,
  load: { perSecond: 100, seconds },
});

const growth = (ids: number, timeoutSeconds: number): BankPlan => ({
  id: `growth-${ids}`,
  ids,
  ...ALL_THERE,
  ...WITHOUT_LIMITS,
  ...OF_ORGANIZATION,
  runs: [
    {
      ...WITHOUT_LATENCY,
      id: `growth-${ids}`,
      title: 'unchanged, a webhook of the organization',
      timeoutSeconds,
    },
  ],
});

const limited = (ids: number): BankPlan => ({
  id: 'limits',
  ids,
  ...ALL_THERE,
  limits: {},
  queries: 'computed',
  ...EVERY_WEBHOOK,
  runs: [
    { ...UNCHANGED, id: 'unchanged-limits', title: 'unchanged, limits on', times: 1, timeoutSeconds: 600 },
  ],
});

/** A run waits for GitHub's computing time for most of 20 minutes. */
const large = (ids: number): BankPlan => ({
  id: 'large-limits',
  ids,
  ...ALL_THERE,
  limits: {},
  queries: 'computed',
  ...OF_ORGANIZATION,
  runs: [
    {
      ...ONCE,
      id: 'large-limits',
      title: 'unchanged, a webhook of the organization, limits on',
      timeoutSeconds: 3_600,
    },
  ],
});

/** Others have used so much of the hourly quota that a run checks a seventh of the webhooks, the minimum. */
const rotation = (ids: number, restRequestsPerHour: number): BankPlan => ({
  id: 'rotation',
  ids,
  ...ALL_THERE,
  limits: { restRequestsPerHour },
  queries: 'computed',
  webhooks: 'in rotation',
  webhookShare: 1 / 7,
  settings: {},
  runs: [
    { ...ONCE, id: 'rotation', title: 'unchanged, webhooks in rotation, limits on', timeoutSeconds: 600 },
  ],
});

const ofOrganization = (ids: number): BankPlan => ({
  id: 'organization',
  ids,
  ...ALL_THERE,
  ...WITHOUT_LIMITS,
  ...OF_ORGANIZATION,
  runs: [{ ...ONCE, id: 'organization', title: 'unchanged, a webhook of the organization' }],
});

const functions = (ids: number, webhooks: typeof EVERY_WEBHOOK | typeof OF_ORGANIZATION): FunctionsPlan => ({
  id: `functions-${ids}-${webhooks.webhookShare === 1 ? 'webhooks' : 'organization'}`,
  ids,
  webhooks: webhooks.webhooks,
  settings: webhooks.settings,
});

/** What takes about a quarter of an hour together. */
const STANDARD: Plan = {
  banks: [
    nightly(1_811, { runs: NIGHTLY, sequentialSample: 30, seconds: 30 }),
    limited(1_811),
    rotation(1_811, 380),
    ofOrganization(1_811),
    growth(1_000, 120),
    growth(30_000, 600),
  ],
  functions: [functions(3_000, EVERY_WEBHOOK), functions(3_000, OF_ORGANIZATION)],
  pushes: {
    ids: 2_500,
    oneByOne: 20,
    steady: { perSecond: 20, seconds: 10 },
    atOnce: 2_000,
    timeoutSeconds: 600,
  },
  imports: 3,
};

const FULL: Plan = {
  ...STANDARD,
  banks: [...STANDARD.banks, large(30_000), growth(100_000, 1_200)],
  functions: [...STANDARD.functions, functions(100_000, OF_ORGANIZATION)],
  command: { ids: 30_000, timeoutSeconds: 1_800 },
  histories: { smallCommits: 10_000, largeCommits: 450 },
};

/** Small banks of the same kinds, which show that the benchmark works, but not how fast anything is. */
const QUICK: Plan = {
  banks: [
    nightly(150, { runs: NIGHTLY.map((run) => ({ ...run, times: 1 })), sequentialSample: 5, seconds: 5 }),
    limited(150),
    rotation(150, 36),
    ofOrganization(150),
    growth(500, 60),
  ],
  functions: [functions(700, OF_ORGANIZATION)],
  pushes: {
    ids: 100,
    oneByOne: 3,
    steady: { perSecond: 20, seconds: 1 },
    atOnce: 60,
    timeoutSeconds: 120,
  },
  imports: 1,
};

/** How much is measured. */
export const PLANS = { quick: QUICK, standard: STANDARD, full: FULL } as const satisfies Record<string, Plan>;
export type Extent = keyof typeof PLANS;

const PUSHES = 'pushes';
const COMMAND = 'command';
const HISTORIES = 'histories';
const BUNDLES = 'bundles';

/** The names of what a plan measures. */
export const partsOf = ({ banks, functions, pushes, command, histories }: Plan): string[] => [
  ...banks.map(({ id }) => id),
  ...functions.map(({ id }) => id),
  ...(pushes ? [PUSHES] : []),
  ...(command ? [COMMAND] : []),
  ...(histories ? [HISTORIES] : []),
  BUNDLES,
];

/** The plan without all other parts. */
export function onlyParts(plan: Plan, parts: readonly string[]): Plan {
  const { banks, functions, pushes, command, histories, imports } = plan;
  return {
    banks: banks.filter(({ id }) => parts.includes(id)),
    functions: functions.filter(({ id }) => parts.includes(id)),
    ...(pushes && parts.includes(PUSHES) && { pushes }),
    ...(command && parts.includes(COMMAND) && { command }),
    ...(histories && parts.includes(HISTORIES) && { histories }),
    imports: parts.includes(BUNDLES) ? imports : 0,
  };
}
