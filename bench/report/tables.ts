import { PUBLISHED_LIMITS } from '../../local/github/limits/published-limits.ts';
import type { FunctionsResult } from '../measure-functions.ts';
import { dollarsFor } from '../prices.ts';
import type { RunFigures } from '../product/run.ts';
import type { FunctionFigures } from '../product/run-by-hand.ts';
import type { Results, ScenarioResult } from '../results.ts';
import { requestsPerId, TARGETS } from '../targets.ts';
import { brief, dollars, duration, NOTHING, orNothing, percent, times, whole } from './numbers.ts';

interface Column<Row> {
  title: string;
  of: (row: Row) => string;
  /** Text is aligned left, like the first column. Numbers are aligned right. */
  isText?: boolean;
}

/** A Markdown table. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map(({ isText }, index) => (isText || index === 0 ? '---' : '---:'))),
    ...rows.map((row) => line(columns.map(({ of }) => of(row)))),
  ].join('\n');
}

const SCENARIO: Column<ScenarioResult> = {
  title: 'scenario',
  of: ({ ids, title, latencyMs }) => `${whole(ids)} ids, ${title}${latencyMs === 0 ? ', no latency' : ''}`,
};

/** A column about the run, if there is one. */
const ofRun = (title: string, text: (run: RunFigures) => string): Column<ScenarioResult> => ({
  title,
  of: ({ run }) => orNothing(run, text),
});

function ratioTo(seconds: number | undefined, run: RunFigures | undefined): string {
  return seconds === undefined || !run ? NOTHING : times(seconds / run.seconds);
}

const rangeOf = (range: ScenarioResult['range']): string =>
  range ? ` (${brief(range.leastSeconds)} to ${brief(range.mostSeconds)})` : '';

const TIME: readonly Column<ScenarioResult>[] = [
  SCENARIO,
  {
    title: 'time',
    of: ({ run, range }) => orNothing(run, ({ seconds }) => `${duration(seconds)}${rangeOf(range)}`),
  },
  { title: 'A', of: ({ sequential }) => orNothing(sequential, ({ seconds }) => duration(seconds)) },
  { title: 'A ÷ time', of: ({ sequential, run }) => ratioTo(sequential?.seconds, run) },
  { title: 'B', of: ({ parallel }) => orNothing(parallel, ({ seconds }) => duration(seconds)) },
  { title: 'B ÷ time', of: ({ parallel, run }) => ratioTo(parallel?.seconds, run) },
  {
    title: 'repositories refused to B',
    of: ({ parallel }) => orNothing(parallel, ({ refused }) => whole(refused)),
  },
  { title: 'floor', of: ({ floorSeconds }) => orNothing(floorSeconds, duration) },
  {
    title: 'time ÷ floor',
    of: ({ run, floorSeconds }) => (run && floorSeconds ? times(run.seconds / floorSeconds) : NOTHING),
  },
  ofRun('listing', ({ listingSeconds }) => duration(listingSeconds)),
  {
    title: 'listing of A',
    of: ({ sequential }) => orNothing(sequential, ({ listingSeconds }) => duration(listingSeconds)),
  },
];

function quotaOf(limits: ScenarioResult['limits']): number {
  const { restRequestsPerHour } = PUBLISHED_LIMITS;
  return limits === 'off' ? restRequestsPerHour : (limits.restRequestsPerHour ?? restRequestsPerHour);
}

const GITHUB: readonly Column<ScenarioResult>[] = [
  SCENARIO,
  ofRun('REST requests', ({ github }) => whole(github.restRequests)),
  {
    title: 'share of the hour’s quota',
    of: ({ run, limits }) => orNothing(run, ({ github }) => percent(github.restRequests / quotaOf(limits))),
  },
  ofRun('GraphQL points', ({ github }) => whole(github.graphqlPoints)),
  ofRun('computing time', ({ github }) => duration(github.computingSeconds)),
  ofRun('share of the hour’s points', ({ github }) =>
    percent(github.graphqlPoints / PUBLISHED_LIMITS.graphqlPointsPerHour),
  ),
  ofRun('requests per id', (run) => requestsPerId(run).toFixed(3)),
  ofRun('most in flight', ({ github }) => whole(github.mostInFlight)),
  ofRun('403 and 429', ({ github }) => whole(github.limited)),
  ofRun('502', ({ github }) => whole(github.aborted)),
  {
    title: 'REST requests of A and B',
    of: ({ sequential, parallel }) => orNothing(sequential ?? parallel, ({ requests }) => whole(requests)),
  },
  { title: '403 and 429 of B', of: ({ parallel }) => orNothing(parallel, ({ limited }) => whole(limited)) },
];

const AWS: readonly Column<ScenarioResult>[] = [
  SCENARIO,
  ofRun('Lambda GB-seconds', ({ consumption }) => brief(consumption.gbSeconds)),
  ofRun('invocations', ({ consumption }) => whole(consumption.invocations)),
  ofRun('transitions', ({ consumption }) => whole(consumption.transitions)),
  ofRun('history events', ({ historyEvents }) => whole(historyEvents)),
  ofRun('largest payload, bytes', ({ largestPayloadBytes }) => whole(largestPayloadBytes)),
  ofRun('read units', ({ consumption }) => whole(consumption.readUnits)),
  ofRun('write units', ({ consumption }) => whole(consumption.writeUnits)),
  ofRun('events published', ({ consumption }) => whole(consumption.events)),
  ofRun('dollars', ({ consumption }) => dollars(dollarsFor(consumption))),
  ofRun('peak of a worker, MB', ({ workerBytes }) => whole(workerBytes / 1_000_000)),
  ofRun('ids a second', ({ counts, seconds }) => whole(counts.total / seconds)),
];

export const timeTable = ({ scenarios }: Results): string => table(TIME, scenarios.filter(isComparable));
export const gitHubTable = ({ scenarios }: Results): string => table(GITHUB, scenarios);
export const awsTable = ({ scenarios }: Results): string => table(AWS, scenarios);

const isComparable = ({ floorSeconds, sequential, parallel }: ScenarioResult): boolean =>
  floorSeconds !== undefined || sequential !== undefined || parallel !== undefined;

interface JudgedTarget {
  title: string;
  value: string;
  verdict: string;
}

/** Every target, and whether it is met. */
export function judge(results: Results): JudgedTarget[] {
  return TARGETS.map(({ title, reached }) => {
    const found = reached(results);
    if (!found) return { title, value: NOTHING, verdict: 'not measured' };
    return { title, value: found.value, verdict: found.isMet ? 'met' : 'not met' };
  });
}

export function targetTable(results: Results): string {
  return table(
    [
      { title: 'target', of: ({ title }: JudgedTarget) => title },
      { title: 'reached', of: ({ value }) => value },
      { title: 'verdict', of: ({ verdict }) => verdict, isText: true },
    ],
    judge(results),
  );
}

interface FunctionRow extends FunctionFigures {
  run: FunctionsResult;
}

const megabytes = (bytes: number): string => whole(bytes / 1_000_000);

export function functionTable({ functions }: Results): string {
  return table(
    [
      { title: 'ids', of: ({ run }: FunctionRow) => whole(run.ids) },
      { title: 'webhooks', of: ({ run }) => run.webhooks, isText: true },
      { title: 'function', of: ({ service }) => service, isText: true },
      { title: 'configured, MB', of: ({ memoryMb }) => whole(memoryMb) },
      { title: 'peak, MB', of: ({ peakBytes }) => megabytes(peakBytes) },
      { title: 'beyond Node, MB', of: ({ peakBytes, runtimeBytes }) => megabytes(peakBytes - runtimeBytes) },
      { title: 'CPU time', of: ({ cpuMs }) => duration(cpuMs / 1_000) },
      {
        title: 'CPU time per id, warm',
        of: ({ service, run }) =>
          service === 'synchronize-batch' ? `${brief(run.workerCpuMsPerId)} ms` : NOTHING,
      },
    ],
    functions.flatMap((run) => run.functions.map((figures) => ({ ...figures, run }))),
  );
}

export function bundleTable({ bundles }: Results): string {
  return table(
    [
      { title: 'function', of: ({ service }: Results['bundles'][number]) => service },
      { title: 'bundle, bytes', of: ({ bytes }) => whole(bytes) },
      { title: 'cold import, ms', of: ({ importMs }) => whole(importMs) },
    ],
    bundles,
  );
}
