import { dollarsFor } from './prices.ts';
import type { BundleFigures } from './product/bundles.ts';
import type { RunFigures } from './product/run.ts';
import type { Results, ScenarioResult } from './results.ts';
import type { CheckedWebhooks } from './scenarios.ts';

/** A goal for the product. */
export interface Target {
  title: string;
  /** Undefined if it was not measured. */
  reached: (results: Results) => Reached | undefined;
}

interface Reached {
  value: string;
  isMet: boolean;
}

/** A scenario whose run did not fail. */
type Measured = ScenarioResult & { run: RunFigures };

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const MAX_HISTORY_EVENTS = 25_000;
export const MAX_PAYLOAD_BYTES = 262_144;
export const MAX_WORKER_BYTES = 256_000_000;
/** What a function may need beyond Node itself. */
const MAX_FUNCTION_BYTES = 160_000_000;
const MAX_BUNDLE_BYTES = 500_000;
const MAX_IMPORT_MS = 150;
/** A few requests do not grow with the bank, so that a small bank needs slightly more per id. */
const SAME_SHARE = 1.02;
const LARGEST = 100_000;
const LARGE = 30_000;
const SMALLEST = 1_000;

export const TARGETS: readonly Target[] = [
  {
    title: '1,811 unchanged, limits off: at least 150 × faster than the original’s pattern',
    reached: fasterThanSequential('unchanged', 150),
  },
  {
    title: '1,811 unchanged, limits off: at most 2 × the floor',
    reached: withinFloor('unchanged', 2),
  },
  {
    title: '1,811 unchanged, limits on: at most 1.15 × the minimum that the limits allow',
    reached: withinFloor('unchanged-limits', 1.15),
  },
  {
    title: '1,811 unchanged, limits on: no 403, 429 or 502 received (the script in parallel gets some)',
    reached: when('unchanged-limits', ({ run, parallel }) =>
      withoutRefusal(run, ` (the script: ${parallel?.limited ?? 'not measured'})`),
    ),
  },
  {
    title:
      '30,000 unchanged, organization webhook, limits on: at most 1.25 × the minimum that the limits allow',
    reached: withinFloor('large-limits', 1.25),
  },
  {
    title: '30,000 unchanged, organization webhook, limits on: no 403, 429 or 502 received',
    reached: when('large-limits', ({ run }) => withoutRefusal(run)),
  },
  {
    title: '30,000 unchanged, organization webhook: at most 0.03 requests per id',
    reached: when(growthOf(LARGE), ({ run }) => atMost(requestsPerId(run), 0.03)),
  },
  {
    title: 'listing 1,811 ids: at least 8 × faster than page by page',
    reached: when('unchanged', ({ run, sequential }) => {
      if (!sequential) return undefined;
      return atLeast(sequential.listingSeconds / run.listingSeconds, 8);
    }),
  },
  {
    title: 'empty mirror, limits off: at least 30 × faster than the original’s pattern',
    reached: fasterThanSequential('empty', 30),
  },
  {
    title: 'requests per unchanged repository, every webhook checked: at most 1.05',
    reached: requestsWith('every one', 1.05),
  },
  {
    title: 'requests per unchanged repository, webhooks checked in rotation: at most 0.2',
    reached: requestsWith('in rotation', 0.2),
  },
  {
    title: 'write units per unchanged id, 1,811 ids: at most 0.05',
    reached: when('unchanged', ({ run }) => atMost(run.consumption.writeUnits / run.counts.total, 0.05)),
  },
  {
    title: 'CPU time of the worker per unchanged id, webhook checked: at most 1.2 ms',
    reached: workerCpu('every one', 1.2),
  },
  {
    title: 'CPU time of the worker per unchanged id, organization webhook: at most 0.3 ms',
    reached: workerCpu('of the organization', 0.3),
  },
  {
    title: '30,000 unchanged, npm run sync as a whole: at most 90 s',
    reached: ({ command }) => command && atMost(command.unchanged.seconds, 90, 's'),
  },
  {
    title: '30,000 unchanged, npm run sync as a whole: all processes at most 1,500 MB',
    reached: ({ command }) => {
      const { peakBytes } = command?.unchanged ?? {};
      return peakBytes === undefined ? undefined : atMost(peakBytes / 1_000_000, 1_500, 'MB');
    },
  },
  {
    title: '100,000 ids: completes',
    reached: ({ scenarios }) => {
      const scenario = scenarios.find(({ id }) => id === growthOf(LARGEST));
      if (!scenario) return undefined;
      const { run, failure = 'not completed' } = scenario;
      return {
        value: run ? `in ${run.seconds.toFixed(0)} s` : failure,
        isMet: run?.exitCode === 'COMPLETED',
      };
    },
  },
  {
    title: '100,000 ids: history below 12,000 events',
    reached: when(growthOf(LARGEST), ({ run }) => below(run.historyEvents, 12_000)),
  },
  {
    title: '100,000 ids: payloads below 96 KiB',
    reached: when(growthOf(LARGEST), ({ run }) => below(run.largestPayloadBytes, 96 * 1_024, 'bytes')),
  },
  {
    title: '100,000 ids: below $0.10 per night with an organization webhook',
    reached: when(growthOf(LARGEST), ({ run }) => {
      const price = dollarsFor(run.consumption);
      return { value: `$${price.toFixed(3)}`, isMet: price < 0.1 };
    }),
  },
  {
    title: '100,000 ids: no function needs more than 160 MB beyond Node itself',
    reached: ({ functions }) => {
      const run = functions.find(({ ids }) => ids === LARGEST);
      const bytes = run?.functions.map((one) => one.peakBytes - one.runtimeBytes);
      return bytes && atMost(Math.max(...bytes) / 1_000_000, MAX_FUNCTION_BYTES / 1_000_000, 'MB');
    },
  },
  {
    title: 'histories of 10,000 commits and of 450 MB: worker process below 256 MB',
    reached: ({ histories }) => histories && below(histories.peakBytes, MAX_WORKER_BYTES, 'bytes'),
  },
  {
    title: '100,000 ids: requests per id as at 1,000',
    reached: when(growthOf(LARGEST), ({ run }, results) => {
      const least = measured(results, growthOf(SMALLEST));
      if (!least) return undefined;
      const [small, large] = [requestsPerId(least.run), requestsPerId(run)];
      return { value: `${large.toFixed(3)} (${small.toFixed(3)})`, isMet: large <= small * SAME_SHARE };
    }),
  },
  {
    title: '2,000 pushes at once: at most 0.05 GraphQL queries per push',
    reached: ({ pushes }) => pushes && atMost(pushes.bulk.queriesPerPush, 0.05),
  },
  {
    title: '2,000 pushes at once: no 403 or 429 received',
    reached: ({ pushes }) =>
      pushes && { value: String(pushes.bulk.limited), isMet: pushes.bulk.limited === 0 },
  },
  {
    title: 'deliveries: 99 % received within 200 ms',
    reached: ({ pushes }) => pushes && below(pushes.receiver.p99Ms, 200, 'ms'),
  },
  {
    title: 'bundles: each below 500 KB',
    reached: largestOf(({ bytes }) => bytes, MAX_BUNDLE_BYTES, 'bytes'),
  },
  {
    title: 'bundles: cold import below 150 ms',
    reached: largestOf(({ importMs }) => importMs, MAX_IMPORT_MS, 'ms'),
  },
  {
    title: 'API, 100 requests a second, idle: 99 % within 100 ms',
    reached: ({ load }) => load && below(load.idle.p99Ms, 100, 'ms'),
  },
  {
    title: 'API, 100 requests a second, during runs: 99 % within 300 ms',
    reached: ({ load }) => load && below(load.duringRuns.p99Ms, 300, 'ms'),
  },
  {
    title: 'API, 100 requests a second: every answer right',
    reached: ({ load }) => {
      if (!load) return undefined;
      const wrong = load.idle.wrong + load.duringRuns.wrong;
      const requests = load.idle.requests + load.duringRuns.requests;
      return { value: `${wrong} wrong of ${count(requests)}`, isMet: wrong === 0 };
    },
  },
];

/** REST requests and GraphQL queries per id. */
export function requestsPerId({ github, counts }: RunFigures): number {
  return counts.total === 0 ? 0 : (github.restRequests + github.queries) / counts.total;
}

/** Whether a run got none of the answers that a client which respects the limits does not get. */
function withoutRefusal({ github }: RunFigures, comparison = ''): Reached | undefined {
  const refusals = github.limited + github.aborted;
  // Earlier results have no count of aborted queries.
  if (Number.isNaN(refusals)) return undefined;
  return { value: `${refusals}${comparison}`, isMet: refusals === 0 };
}

/** Judged by the small bank, where both kinds are measured. */
function workerCpu(webhooks: CheckedWebhooks, mostMs: number): Target['reached'] {
  return ({ functions }) => {
    const run = functions.find((one) => one.webhooks === webhooks);
    return run && atMost(run.workerCpuMsPerId, mostMs, 'ms');
  };
}

function growthOf(ids: number): string {
  return `growth-${ids}`;
}

function measured({ scenarios }: Results, id: string): Measured | undefined {
  const scenario = scenarios.find((one) => one.id === id);
  return scenario?.run && { ...scenario, run: scenario.run };
}

function when(
  id: string,
  reached: (scenario: Measured, results: Results) => Reached | undefined,
): Target['reached'] {
  return (results) => {
    const scenario = measured(results, id);
    return scenario && reached(scenario, results);
  };
}

function fasterThanSequential(id: string, least: number): Target['reached'] {
  return when(id, ({ run, sequential }) => sequential && atLeast(sequential.seconds / run.seconds, least));
}

function withinFloor(id: string, mostTimes: number): Target['reached'] {
  return when(id, ({ run, floorSeconds }) => {
    if (floorSeconds === undefined) return undefined;
    const times = run.seconds / floorSeconds;
    return { value: `${times.toFixed(2)} ×`, isMet: times <= mostTimes };
  });
}

function requestsWith(webhooks: ScenarioResult['webhooks'], mostPerId: number): Target['reached'] {
  return ({ scenarios }) => {
    const runs = scenarios.flatMap((one) => (one.webhooks === webhooks && one.run ? [one.run] : []));
    const run = runs.find(({ counts }) => counts.total > 0 && counts.unchanged === counts.total);
    return run && { value: requestsPerId(run).toFixed(3), isMet: requestsPerId(run) <= mostPerId };
  };
}

/** Judges the bundle with the largest value. */
function largestOf(
  sizeOf: (bundle: BundleFigures) => number,
  limit: number,
  unit: string,
): Target['reached'] {
  return ({ bundles }) => {
    if (bundles.length === 0) return undefined;
    return below(Math.max(...bundles.map(sizeOf)), limit, unit);
  };
}

const atLeast = (times: number, least: number): Reached => ({
  value: `${times.toFixed(1)} ×`,
  isMet: times >= least,
});

function atMost(value: number, most: number, unit = ''): Reached {
  const digits = most < 10 ? 3 : 0;
  return { value: `${value.toFixed(digits)} ${unit}`.trim(), isMet: value <= most };
}

function below(value: number, limit: number, unit = ''): Reached {
  return { value: `${count(value)} ${unit}`.trim(), isMet: value < limit };
}

const count = (value: number): string => Math.round(value).toLocaleString('en-US');
