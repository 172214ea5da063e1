import type { JobExecution } from '../executions/job-execution.ts';
import type { Forecast, HourQuota } from '../shared/contract/requests.ts';

const grouped = new Intl.NumberFormat('en-US');

const counted = (count: number, one: string, many = `${one}s`): string =>
  `${grouped.format(count)} ${count === 1 ? one : many}`;

const UNITS = [
  { seconds: 86_400, name: 'day' },
  { seconds: 3_600, name: 'hour' },
  { seconds: 60, name: 'minute' },
] as const;

/** `queries` are those that are still to come. */
export function forecastSentence(forecast: Forecast, { queries }: { queries: number }): string {
  const { webhookChecks: webhookLooks, seconds, quota } = forecast;
  const ahead = [counted(webhookLooks, 'webhook look'), counted(queries, 'query', 'queries')];
  const time = seconds === undefined ? [] : [about(seconds)];
  return `forecast: ${[...ahead, ...time].join(', ')}; ${allowance(forecast, quota?.rest)}`;
}

function allowance({ seconds, webhookShare }: Forecast, hour: HourQuota | undefined): string {
  if (seconds === undefined) return 'no limits are kept to';
  if (!hour) return 'the server grants no quota for an hour';
  const { remaining, limit, reserved } = hour;
  const left = `${grouped.format(remaining)} of ${counted(limit, 'request')} ${remaining === 1 ? 'is' : 'are'} left of this hour`;
  const kept = `${grouped.format(reserved)} kept for others`;
  const later = webhookShare < 1 ? ', so that some webhooks are looked at by the next runs' : '';
  return `${left}, ${kept}${later}`;
}

function about(seconds: number): string {
  const unit = UNITS.find((each) => seconds >= each.seconds);
  return unit ? `about ${counted(Math.round(seconds / unit.seconds), unit.name)}` : 'less than a minute';
}

/** What a run has asked GitHub for, beside what was expected. */
export function requestsSentence({
  requests,
  forecast,
}: Pick<JobExecution, 'requests' | 'forecast'>): string {
  const { reads = 0, queries = 0, writes = 0, refused = 0 } = requests ?? {};
  const expected = (count: number | undefined, more = '') =>
    count === undefined ? '' : ` (${grouped.format(count)}${more})`;
  return [
    `requests: ${counted(reads, 'read')}${expected(forecast?.requests.reads, ' forecast')}`,
    `${counted(queries, 'query', 'queries')}${expected(forecast?.requests.queries)}`,
    counted(writes, 'write'),
    ...(refused > 0 ? [`of which GitHub refused ${grouped.format(refused)}`] : []),
  ].join(', ');
}
