import type { JobExecution } from '../executions/job-execution.ts';
import type { Forecast } from '../shared/contract/requests.ts';

const numberFormat = new Intl.NumberFormat('en-US');

const plural = (count: number, one: string, many = `${one}s`): string =>
  `${numberFormat.format(count)} ${count === 1 ? one : many}`;

const UNITS = [
  { seconds: 86_400, name: 'day' },
  { seconds: 3_600, name: 'hour' },
  { seconds: 60, name: 'minute' },
] as const;

/**
 * `forecast: 1,811 webhook checks, 20 GraphQL queries, about 2 minutes; 4,981 of 5,000 requests left this hour, …`
 * @param ahead GraphQL queries that are still to be sent.
 */
export function forecastSentence(
  { webhookChecks, webhookShare, seconds, quota }: Forecast,
  { queries }: { queries: number },
): string {
  const work = `forecast: ${plural(webhookChecks, 'webhook check')}, ${plural(queries, 'GraphQL query', 'GraphQL queries')}`;
  if (seconds === undefined) return `${work}; rate limits off`;
  const unit = UNITS.find((each) => seconds >= each.seconds);
  const duration = unit
    ? `about ${plural(Math.round(seconds / unit.seconds), unit.name)}`
    : 'less than a minute';
  if (!quota) return `${work}, ${duration}; the server reports no hourly quota`;
  const { remaining, limit, reserved } = quota.rest;
  const [left, all, kept] = [remaining, limit, reserved].map((count) => numberFormat.format(count));
  const rotation = webhookShare < 1 ? '; the other webhooks are left to later runs' : '';
  return `${work}, ${duration}; ${left} of ${all} requests left this hour, ${kept} reserved for others${rotation}`;
}

/** `requests: 1,831 reads (1,831 forecast), 22 GraphQL queries (22), 10 writes, 3 refused by GitHub` */
export function requestsSentence({
  requests,
  forecast,
}: Pick<JobExecution, 'requests' | 'forecast'>): string {
  const { reads = 0, queries = 0, writes = 0, refused = 0 } = requests ?? {};
  const expected = forecast?.requests;
  const [expectedReads, expectedQueries] = expected
    ? [` (${numberFormat.format(expected.reads)} forecast)`, ` (${numberFormat.format(expected.queries)})`]
    : ['', ''];
  return [
    `requests: ${plural(reads, 'read')}${expectedReads}`,
    `${plural(queries, 'GraphQL query', 'GraphQL queries')}${expectedQueries}`,
    plural(writes, 'write'),
    ...(refused > 0 ? [`${numberFormat.format(refused)} refused by GitHub`] : []),
  ].join(', ');
}
