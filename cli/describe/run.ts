import type { ExecutionDetail, ExecutionSummary } from '../api/answers.ts';
import { hasEnded } from '../api/executions.ts';
import { formatTable, join, type Paint, type Text, type Tone, titleRow } from '../terminal/paint.ts';
import { count, formatCounts, formatDuration, formatNumber, formatTime } from './quantities.ts';

/** The exit code, which says more than the status, once there is one. */
export const stateOf = ({ status, exitCode }: Pick<ExecutionSummary, 'status' | 'exitCode'>): string =>
  exitCode ?? status;

function toneOf(state: string): Tone {
  if (state === 'COMPLETED') return 'good';
  if (['COMPLETED_WITH_FAILURES', 'INCOMPLETE_LISTING', 'STOPPED', 'STOPPING'].includes(state))
    return 'warning';
  return ['FAILED', 'ABANDONED'].includes(state) ? 'bad' : 'plain';
}

/** A run as lines of a label and a value. */
export function describeRun(run: ExecutionDetail, paint: Paint): Text[] {
  const state = stateOf(run);
  const facts = factsOf(run).flatMap(([label, value]) =>
    value === undefined ? [] : [[paint(`  ${label}`, 'faint'), paint(value)]],
  );
  const kind = run.dryRun ? ' (dry run)' : '';
  return [
    join([paint(`Job execution ${run.jobExecutionId}${kind}: `, 'strong'), paint(state, toneOf(state))]),
    ...formatTable(facts),
  ];
}

const NOT_KNOWN = 'no longer known';

function factsOf(run: ExecutionDetail): [label: string, value: string | undefined][] {
  const { changedWithoutDelivery, itemsWithFieldIssues } = run;
  return [
    ['started', `${formatTime(run.startTime ?? run.createTime)} by ${describeStarter(run)}`],
    ['ended', run.endTime === null ? undefined : formatTime(run.endTime)],
    ['duration', run.durationSeconds === null ? undefined : formatDuration(run.durationSeconds)],
    ['progress', describeProgress(run)],
    ['ends', hasEnded(run) ? undefined : describeEnd(run)],
    ...run.waits.map(({ waitsFor, until }): [string, string] => [
      'waits for',
      `${waitsFor}, until ${formatTime(until)}`,
    ]),
    ['message', run.exitMessage ?? undefined],
    ['outcomes', run.outcomes === null ? NOT_KNOWN : formatCounts(run.outcomes)],
    ['webhooks', describeWebhooks(run)],
    [
      'missed',
      changedWithoutDelivery === null
        ? undefined
        : `${count(changedWithoutDelivery, 'change')} that no delivery reported`,
    ],
    [
      'field issues',
      itemsWithFieldIssues === null || itemsWithFieldIssues === 0
        ? undefined
        : `in ${count(itemsWithFieldIssues, 'item')}`,
    ],
    ['requests', describeRequests(run)],
    ['restarts', run.restartOf === null ? undefined : `job execution ${run.restartOf}`],
    ['restarted by', run.restartedBy === null ? undefined : `job execution ${run.restartedBy}`],
    ['ended by', run.stoppedBy ?? undefined],
    ['console', run.consoleUrl],
  ];
}

function describeWebhooks({ webhooks, requiringProjectWebhook }: ExecutionDetail): string {
  if (webhooks === null) return NOT_KNOWN;
  const missing = requiringProjectWebhook ?? 0;
  return missing === 0
    ? formatCounts(webhooks)
    : `${formatCounts(webhooks)}; ${formatNumber(missing)} were missing`;
}

function describeRequests({ requests, forecast }: ExecutionDetail): string {
  if (requests === null) return NOT_KNOWN;
  return [
    `${count(requests.reads, 'read')}${expected(forecast?.requests.reads)}`,
    `${formatNumber(requests.queries)} GraphQL queries${expected(forecast?.requests.queries)}`,
    count(requests.writes, 'write'),
    `${formatNumber(requests.refused)} refused`,
  ].join(', ');
}

const expected = (forecast: number | undefined): string =>
  forecast === undefined ? '' : ` (${formatNumber(forecast)} forecast)`;

const TRIGGERS: Readonly<Record<string, string>> = {
  api: 'the API',
  schedule: 'the schedule',
  console: 'Step Functions',
};

const describeStarter = ({ trigger, startedBy }: ExecutionDetail): string =>
  `${TRIGGERS[trigger] ?? trigger} (${startedBy})`;

export function describeProgress(run: Pick<ExecutionDetail, 'done' | 'total' | 'status'>): string {
  const { done, total } = run;
  if (total === null || done === null) return hasEnded(run) ? NOT_KNOWN : 'the bank is being listed';
  const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
  return `${formatNumber(done)} of ${count(total, 'item bank id')} (${percent} %)`;
}

function describeEnd({ estimatedEnd }: ExecutionDetail): string {
  return estimatedEnd === null ? 'not known yet' : `about ${formatTime(estimatedEnd)}`;
}

/** Runs as a table, the newest first. */
export function describeRuns(runs: readonly ExecutionSummary[], paint: Paint): Text[] {
  const header = titleRow(['run', 'started', 'by', 'duration', 'state', 'ids', 'failed'], paint);
  const rows = runs.map((run) => {
    const state = stateOf(run);
    return [
      paint(String(run.jobExecutionId)),
      paint(formatTime(run.startTime ?? run.createTime)),
      paint(run.trigger),
      paint(run.durationSeconds === null ? '-' : formatDuration(run.durationSeconds)),
      paint(`${state}${run.dryRun ? ' (dry run)' : ''}`, toneOf(state)),
      paint(run.total === null ? '-' : formatNumber(run.total)),
      paint(run.outcomes === null ? '-' : formatNumber(run.outcomes['failed'] ?? 0)),
    ];
  });
  return formatTable([header, ...rows]);
}
