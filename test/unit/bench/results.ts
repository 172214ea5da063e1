import type { Results, ScenarioResult } from '../../../bench/results.ts';
import { CountsCodec } from '../../../functions/executions/job-execution.ts';

const IDS = 1_811;

export const NOTHING_MEASURED: Results = {
  at: '2026-11-23T09:00:00.000Z',
  isQuick: false,
  seconds: 600,
  machine: { cpu: 'a processor', cores: 2, node: '24.0.0', system: 'Linux 6' },
  scenarios: [],
  bundles: [],
};

export function results(scenarios: readonly ScenarioResult[]): Results {
  return {
    ...NOTHING_MEASURED,
    scenarios,
    bundles: [{ service: 'list-item-bank-ids', bytes: 400_000, importMs: 100 }],
    load: {
      perSecond: 100,
      seconds: 60,
      ids: IDS,
      requests: 6_000,
      p50Ms: 4,
      p99Ms: 80,
      mostMs: 120,
      wrong: 0,
      answers: { 'POST /sync: 409': 600 },
    },
    histories: {
      at: '2026-11-24T09:00:00.000Z',
      smallCommits: 10_000,
      largeCommits: 450,
      ids: 100,
      processed: 100,
      failed: 1,
      seconds: 80,
      invocations: 1,
      peakBytes: 210_000_000,
    },
  };
}

interface Figures {
  seconds?: number;
  restRequests?: number;
  limited?: number;
}

/** A run that finds no changes. The original's pattern takes 550 s. */
export function scenario(
  id: string,
  { seconds = 4, restRequests = 1_831, limited = 0 }: Figures,
  more: Partial<ScenarioResult> = {},
): ScenarioResult & { run: NonNullable<ScenarioResult['run']> } {
  const baseline = {
    listingSeconds: 2,
    requests: 5_452,
    sampled: 50,
    limited: 0,
    refused: 0,
  };
  return {
    id,
    title: 'unchanged',
    ids: IDS,
    mirror: 'empty',
    webhooks: 'every one',
    latencyMs: 100,
    limits: 'off',
    sequential: { ...baseline, seconds: 550 },
    run: {
      seconds,
      listingSeconds: 0.5,
      exitCode: 'COMPLETED',
      counts: { ...NO_COUNTS, total: IDS, unchanged: IDS },
      github: { restRequests, queries: 21, graphqlPoints: 21, limited, mostInFlight: 90 },
      consumption: {
        transitions: 66,
        invocations: 26,
        gbSeconds: 30,
        readUnits: 2_033,
        writeUnits: 5_115,
        events: 1,
      },
      historyEvents: 246,
      largestPayloadBytes: 1_799,
      workerBytes: 110_000_000,
    },
    ...more,
  };
}

/** A run without latency in a bank of `ids` repositories. */
export function grown(ids: number): ReturnType<typeof scenario> {
  const { run, sequential: _, ...others } = scenario(`growth-${ids}`, { seconds: ids / 400 });
  return {
    ...others,
    ids,
    latencyMs: 0,
    run: {
      ...run,
      counts: { ...run.counts, total: ids, unchanged: ids },
      github: { ...run.github, restRequests: ids * 1.01, queries: ids / 100 },
      historyEvents: Math.round(ids * 0.11),
    },
  };
}

const NO_COUNTS = CountsCodec.parse({});
