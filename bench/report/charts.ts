import type { RunFigures } from '../product/run.ts';
import type { Results, ScenarioResult } from '../results.ts';
import { MOST_HISTORY_EVENTS, MOST_PAYLOAD_BYTES, MOST_WORKER_BYTES } from '../targets.ts';
import { barChart } from './bar-chart.ts';
import { lineChart } from './line-chart.ts';
import { duration, percent, whole } from './numbers.ts';

/** File names of the charts, and what is in them. */
export function chartsOf(results: Results): Record<string, string> {
  const growth = results.scenarios.filter(isOfGrowth);
  return {
    'times.svg': timeChart(results),
    ...(growth.length > 0 && { 'growth.svg': growthChart(growth), 'headroom.svg': headroomChart(growth) }),
  };
}

type Grown = ScenarioResult & { run: RunFigures };

const isOfGrowth = (scenario: ScenarioResult): scenario is Grown =>
  scenario.latencyMs === 0 && scenario.run !== undefined;

function timeChart({ scenarios }: Results): string {
  const compared = scenarios.filter(({ floorSeconds }) => floorSeconds !== undefined);
  return barChart({
    title: 'Time of a run, with 100 ms of latency',
    axis: 'time, logarithmic',
    series: ['this product', 'A: the original’s pattern', 'B: 50 in flight, no pacing', 'floor'],
    groups: compared.map(({ ids, title, run, sequential, parallel, floorSeconds }) => ({
      name: `${whole(ids)}, ${title}`,
      bars: [sequential?.seconds, parallel?.seconds, run?.seconds, floorSeconds].flatMap((value, index) =>
        value === undefined ? [] : [{ series: SERIES[index] ?? 0, value }],
      ),
    })),
    format: duration,
  });
}

/** The product has the first colour, and stands between those that it is compared with. */
const SERIES = [1, 2, 0, 3];

function growthChart(growth: readonly Grown[]): string {
  return lineChart({
    title: 'Time of a run in which nothing has changed, without latency',
    axes: { x: 'item bank ids, logarithmic', y: 'time, logarithmic' },
    series: [{ name: '', points: growth.map(({ ids, run }) => ({ x: ids, y: run.seconds })) }],
    formats: { x: whole, y: duration },
  });
}

function headroomChart(growth: readonly Grown[]): string {
  const share = (name: string, shareOf: (run: RunFigures) => number) => ({
    name,
    points: growth.map(({ ids, run }) => ({ x: ids, y: shareOf(run) })),
  });
  return lineChart({
    title: 'How much of what AWS allows a run takes',
    axes: { x: 'item bank ids, logarithmic', y: 'share of the limit' },
    series: [
      share('history events', ({ historyEvents }) => historyEvents / MOST_HISTORY_EVENTS),
      share('largest payload', ({ largestPayloadBytes }) => largestPayloadBytes / MOST_PAYLOAD_BYTES),
      share('memory of a worker', ({ workerBytes }) => workerBytes / MOST_WORKER_BYTES),
    ],
    formats: { x: whole, y: percent },
    mostY: 1,
  });
}
