import type { BundleFigures } from './product/bundles.ts';
import type { RunFigures } from './product/run.ts';
import type { Results, ScenarioResult } from './results.ts';

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
const MAX_BUNDLE_BYTES = 500_000;
const MAX_IMPORT_MS = 150;
const MAX_P99_MS = 100;
/** A few requests do not grow with the bank, so that a small bank needs slightly more per id. */
const SAME_SHARE = 1.02;
const LARGEST = 100_000;
const SMALLEST = 1_000;

export const TARGETS: readonly Target[] = [
  {
    title: '1,811 unchanged, limits off: at least 100 × faster than the original’s pattern',
    reached: fasterThanSequential('unchanged', 100),
  },
  {
    title: '1,811 unchanged, limits off: at most 1.5 × the floor',
    reached: withinFloor('unchanged', 1.5),
  },
  {
    title: '1,811 unchanged, limits on: at most 1.15 × the minimum that the limits allow',
    reached: withinFloor('unchanged-limits', 1.15),
  },
  {
    title: '1,811 unchanged, limits on: no 403 or 429 received (the script in parallel gets some)',
    reached: when('unchanged-limits', ({ run, parallel }) => ({
      value: `${run.github.limited} (the script: ${parallel?.limited ?? 'not measured'})`,
      isMet: run.github.limited === 0,
    })),
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
    title: 'requests per unchanged repository, a webhook of the organization: at most 0.05',
    reached: requestsWith('of the organization', 0.05),
  },
  {
    title: 'write units per unchanged id, 1,811 ids: at most 0.05',
    reached: when('unchanged', ({ run }) => {
      const perId = run.consumption.writeUnits / run.counts.total;
      return { value: perId.toFixed(3), isMet: perId <= 0.05 };
    }),
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
    title: '100,000 ids: history below 25,000 events',
    reached: when(growthOf(LARGEST), ({ run }) => below(run.historyEvents, MAX_HISTORY_EVENTS)),
  },
  {
    title: '100,000 ids: payloads below 256 KiB',
    reached: when(growthOf(LARGEST), ({ run }) => below(run.largestPayloadBytes, MAX_PAYLOAD_BYTES, 'bytes')),
  },
  {
    title: '100,000 ids: worker below 256 MB',
    reached: when(growthOf(LARGEST), ({ run }) => below(run.workerBytes, MAX_WORKER_BYTES, 'bytes')),
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
    title: 'bundles: each below 500 KB',
    reached: largestOf(({ bytes }) => bytes, MAX_BUNDLE_BYTES, 'bytes'),
  },
  {
    title: 'bundles: cold import below 150 ms',
    reached: largestOf(({ importMs }) => importMs, MAX_IMPORT_MS, 'ms'),
  },
  {
    title: 'POST /sync and reads, 100 a second for a minute: 99 % within 100 ms',
    reached: ({ load }) => load && below(load.p99Ms, MAX_P99_MS, 'ms'),
  },
  {
    title: 'POST /sync and reads, 100 a second for a minute: every answer right',
    reached: ({ load }) =>
      load && { value: `${load.wrong} wrong of ${count(load.requests)}`, isMet: load.wrong === 0 },
  },
];

/** REST requests and GraphQL queries per id. */
export function requestsPerId({ github, counts }: RunFigures): number {
  return counts.total === 0 ? 0 : (github.restRequests + github.queries) / counts.total;
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

function below(value: number, limit: number, unit = ''): Reached {
  return { value: `${count(value)} ${unit}`.trim(), isMet: value < limit };
}

const count = (value: number): string => Math.round(value).toLocaleString('en-US');
