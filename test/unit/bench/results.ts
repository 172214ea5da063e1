import type { Results, ScenarioResult } from '../../../bench/results.ts';
import { CountsCodec } from '../../../functions/executions/job-execution.ts';

const IDS = 1_811;

export const NOTHING_MEASURED: Results = {
  at: '2026-11-23T09:00:00.000Z',
  extent: 'full',
  seconds: 600,
  machine: { cpu: 'a processor', cores: 2, node: '24.0.0', system: 'Linux 6' },
  scenarios: [],
  functions: [],
  bundles: [],
};

export function results(scenarios: readonly ScenarioResult[]): Results {
  return {
    ...NOTHING_MEASURED,
    scenarios,
    bundles: [{ service: 'list-item-bank-ids', bytes: 400_000, importMs: 100 }],
    load: {
      at: '2026-11-23T09:05:00.000Z',
      ids: IDS,
      idle: { ...LOAD, p99Ms: 80, answers: { 'GET /items: 200': 6_000 } },
      duringRuns: { ...LOAD, p99Ms: 250, answers: { 'POST /sync: 409': 600 } },
    },
    functions: [
      {
        id: 'functions-100000-organization',
        ids: 100_000,
        webhooks: 'of the organization',
        at: '2026-11-23T09:05:00.000Z',
        functions: [WORKER],
        workerCpuMsPerId: 0.25,
        processed: 100_000,
        failed: 0,
      },
    ],
    pushes: {
      at: '2026-11-23T09:06:00.000Z',
      ids: 2_500,
      oneByOne: 20,
      steady: { perSecond: 20, seconds: 10 },
      atOnce: 2_000,
      timeoutSeconds: 600,
      idle: { p50Ms: 900, p99Ms: 1_400 },
      busy: { p50Ms: 1_100, p99Ms: 1_900 },
      bulk: { seconds: 60, pushingSeconds: 40, queriesPerPush: 0.03, limited: 0 },
      receiver: { p50Ms: 4, p99Ms: 30 },
    },
    command: {
      at: '2026-11-23T09:06:00.000Z',
      ids: 30_000,
      first: { seconds: 200, peakBytes: 2_000_000_000 },
      unchanged: { seconds: 80, peakBytes: 1_200_000_000 },
    },
    histories: {
      at: '2026-11-24T09:00:00.000Z',
      smallCommits: 10_000,
      largeCommits: 450,
      ids: 100,
      processed: 100,
      failed: 1,
      ...WORKER,
      peakBytes: 210_000_000,
    },
  };
}

const LOAD = { perSecond: 100, seconds: 30, requests: 3_000, p50Ms: 4, mostMs: 320, wrong: 0 };

const WORKER = {
  service: 'synchronize-batch',
  memoryMb: 512,
  seconds: 80,
  invocations: 1,
  cpuMs: 30_000,
  peakBytes: 150_000_000,
  runtimeBytes: 45_000_000,
};

interface Figures {
  seconds?: number;
  restRequests?: number;
  limited?: number;
  aborted?: number;
}

/** A run that finds no changes. The original's pattern takes 550 s. */
export function scenario(
  id: string,
  { seconds = 4, restRequests = 1_831, limited = 0, aborted = 0 }: Figures,
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
    at: '2026-11-23T09:01:00.000Z',
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
      github: {
        restRequests,
        queries: 21,
        graphqlPoints: 21,
        computingSeconds: 66,
        limited,
        aborted,
        mostInFlight: 90,
      },
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
