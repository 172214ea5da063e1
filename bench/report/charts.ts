import type { RunFigures } from '../product/run.ts';
import type { Results, ScenarioResult } from '../results.ts';
import { MAX_HISTORY_EVENTS, MAX_PAYLOAD_BYTES, MAX_WORKER_BYTES } from '../targets.ts';
import { type BarChart, barChart } from './bar-chart.ts';
import { lineChart } from './line-chart.ts';
import { duration, inSeconds, percent, whole } from './numbers.ts';

/** The charts by file name. */
export function chartsOf(results: Results): Record<string, string> {
  const compared = results.scenarios.filter(({ floorSeconds }) => floorSeconds !== undefined);
  const growth = results.scenarios.filter(isOfGrowth);
  return {
    ...(compared.length > 0 && { 'times.svg': timeChart(compared) }),
    ...(growth.length > 0 && { 'growth.svg': growthChart(growth), 'headroom.svg': headroomChart(growth) }),
  };
}

type Grown = ScenarioResult & { run: RunFigures };

const isOfGrowth = (scenario: ScenarioResult): scenario is Grown =>
  scenario.latencyMs === 0 && scenario.run !== undefined;

function timeChart(compared: readonly ScenarioResult[]): string {
  return barChart({
    title: 'Time of a run, with 100 ms of latency',
    axis: 'time, logarithmic',
    series: ['this product', 'A: the original’s pattern', 'B: 50 in flight, no pacing', 'floor'],
    groups: compared.map((scenario) => ({
      name: `${whole(scenario.ids)}, ${scenario.title}`,
      bars: barsOf(scenario),
    })),
    formatTick: inSeconds,
  });
}

/** The product has the first colour, and is drawn between A and B above it and the floor below it. */
function barsOf({
  run,
  sequential,
  parallel,
  floorSeconds,
}: ScenarioResult): BarChart['groups'][number]['bars'] {
  const bar = (series: number, value: number | undefined, note = '') =>
    value === undefined ? [] : [{ series, value, label: `${duration(value)}${note}` }];
  const refused = parallel && parallel.refused > 0 ? `, refused ${whole(parallel.refused)} of them` : '';
  return [
    ...bar(1, sequential?.seconds),
    ...bar(2, parallel?.seconds, refused),
    ...bar(0, run?.seconds),
    ...bar(3, floorSeconds),
  ];
}

function growthChart(growth: readonly Grown[]): string {
  return lineChart({
    title: 'Time of a run in which nothing has changed, without latency',
    axes: { x: 'item bank ids, logarithmic', y: 'time, logarithmic' },
    series: [{ name: '', points: growth.map(({ ids, run }) => ({ x: ids, y: run.seconds })) }],
    formats: { x: whole, y: inSeconds, label: duration },
  });
}

function headroomChart(growth: readonly Grown[]): string {
  const share = (name: string, shareOf: (run: RunFigures) => number) => ({
    name,
    points: growth.map(({ ids, run }) => ({ x: ids, y: shareOf(run) })),
  });
  const series = [
    share('history events', ({ historyEvents }) => historyEvents / MAX_HISTORY_EVENTS),
    share('largest payload', ({ largestPayloadBytes }) => largestPayloadBytes / MAX_PAYLOAD_BYTES),
    share('memory of a worker', ({ workerBytes }) => workerBytes / MAX_WORKER_BYTES),
  ];
  return lineChart({
    title: 'How much of its limits a run takes: 25,000 events, 256 KiB and 256 MB',
    axes: { x: 'item bank ids, logarithmic', y: 'share of the limit' },
    series,
    formats: { x: whole, y: percent, label: percent },
    mostY: Math.max(1, ...series.flatMap(({ points }) => points.map(({ y }) => y))),
  });
}
