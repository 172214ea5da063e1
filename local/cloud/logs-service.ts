import { z } from 'zod';
import { AwsError, type AwsService, createPageBuffer, pageOf, parseInput } from './aws-service.ts';
import { compileFilterPattern } from './log-filter-pattern.ts';
import type { Logs, StoredEvent } from './logs.ts';
import { ACCOUNT, REGION } from './template.ts';

type LogReader = Pick<Logs, 'groups' | 'has' | 'read'>;

const BAD = 'InvalidParameterException';

const oneGroup = { logGroupName: z.string().optional(), logGroupIdentifier: z.string().optional() };
const period = {
  startTime: z.number().default(0),
  endTime: z.number().default(Number.MAX_SAFE_INTEGER),
  limit: z.number().int().min(1).max(10_000).default(10_000),
  nextToken: z.string().optional(),
  // Accepted, because nothing is masked here.
  unmask: z.boolean().optional(),
};
const description = {
  limit: z.number().int().min(1).max(50).default(50),
  nextToken: z.string().optional(),
};

const inputs = {
  groups: z.strictObject({
    logGroupNamePrefix: z.string().default(''),
    logGroupNamePattern: z.string().default(''),
    ...description,
  }),
  streams: z.strictObject({
    ...oneGroup,
    logStreamNamePrefix: z.string().default(''),
    orderBy: z.enum(['LogStreamName', 'LastEventTime']).default('LogStreamName'),
    descending: z.boolean().default(false),
    ...description,
  }),
  filter: z.strictObject({
    ...oneGroup,
    logStreamNames: z.array(z.string()).optional(),
    logStreamNamePrefix: z.string().default(''),
    // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
    filterPattern: z.string().max(1024).default(''),
    // Deprecated: events are always interleaved.
    interleaved: z.boolean().optional(),
    ...period,
  }),
  events: z.strictObject({
    ...oneGroup,
    logStreamName: z.string(),
    startFromHead: z.boolean().default(false),
    ...period,
  }),
};

/** The operations of CloudWatch Logs that read. */
export function logsService(logs: LogReader): AwsService {
  return {
    target: 'Logs_20140328',
    protocol: 'application/x-amz-json-1.1',
    operations: {
      DescribeLogGroups: (input) => describeGroups(logs, parseInput(inputs.groups, input, BAD)),
      DescribeLogStreams: (input) => describeStreams(logs, parseInput(inputs.streams, input, BAD)),
      FilterLogEvents: (input) => filterEvents(logs, parseInput(inputs.filter, input, BAD)),
      GetLogEvents: (input) => getEvents(logs, parseInput(inputs.events, input, BAD)),
    },
  };
}

type Input<Name extends keyof typeof inputs> = z.output<(typeof inputs)[Name]>;

function describeGroups(logs: LogReader, query: Input<'groups'>): object {
  const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern, limit, nextToken } = query;
  const { items, nextToken: next } = pageOf({
    items: logs.groups().filter(({ name }) => name.startsWith(prefix) && name.includes(pattern)),
    keyOf: ({ name }) => name,
    limit,
    nextToken,
    query: ['DescribeLogGroups', prefix, pattern],
    badToken: BAD,
  });
  const logGroups = items.map(({ name, createdMs, storedBytes, retentionInDays }) => ({
    logGroupName: name,
    creationTime: Math.floor(createdMs),
    retentionInDays,
    metricFilterCount: 0,
    arn: `${arnOf(name)}:*`,
    storedBytes,
    logGroupClass: 'STANDARD',
    logGroupArn: arnOf(name),
  }));
  return { logGroups, nextToken: next };
}

const arnOf = (group: string) => `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${group}`;

/** @throws {AwsError} ResourceNotFoundException */
function groupOf(logs: LogReader, { logGroupName, logGroupIdentifier }: Partial<Input<'streams'>>): string {
  const wanted = logGroupName ?? logGroupIdentifier?.replace(/^arn:.*:log-group:([^:]+).*$/, '$1') ?? '';
  if (wanted !== '' && logs.has(wanted)) return wanted;
  throw new AwsError('ResourceNotFoundException', `The log group ${wanted} does not exist.`);
}

function describeStreams(logs: LogReader, query: Input<'streams'>): object {
  const { logStreamNamePrefix: prefix, orderBy, descending, limit, nextToken } = query;
  const group = groupOf(logs, query);
  const streams = readStreams(logs.read(group)).filter(({ name }) => name.startsWith(prefix));
  const keyOf = ({ name, last }: Stream) => (orderBy === 'LogStreamName' ? name : last.eventId);
  const sorted = streams.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  if (descending) sorted.reverse();
  const ranks = new Map(sorted.map(({ name }, index) => [name, String(index + 1).padStart(9, '0')]));
  const { items, nextToken: next } = pageOf({
    items: sorted,
    keyOf: ({ name }) => ranks.get(name) ?? '',
    limit,
    nextToken,
    query: ['DescribeLogStreams', group, prefix, orderBy, descending],
    badToken: BAD,
  });
  return { logStreams: items.map((stream) => describeStream(group, stream)), nextToken: next };
}

interface Stream {
  name: string;
  first: StoredEvent;
  last: StoredEvent;
  lastIngestionTime: number;
}

/** Keeps two events of each stream, whatever their number. */
function readStreams(events: Iterable<StoredEvent>): Stream[] {
  const streams = new Map<string, Stream>();
  for (const event of events) {
    const { logStreamName: name, eventId, ingestionTime } = event;
    const known = streams.get(name);
    streams.set(name, {
      name,
      first: known !== undefined && known.first.eventId < eventId ? known.first : event,
      last: known !== undefined && known.last.eventId > eventId ? known.last : event,
      lastIngestionTime: Math.max(known?.lastIngestionTime ?? 0, ingestionTime),
    });
  }
  return [...streams.values()];
}

const describeStream = (group: string, { name, first, last, lastIngestionTime }: Stream) => ({
  logStreamName: name,
  creationTime: first.ingestionTime,
  firstEventTimestamp: first.timestamp,
  lastEventTimestamp: last.timestamp,
  lastIngestionTime,
  arn: `${arnOf(group)}:log-stream:${name}`,
  storedBytes: 0,
});

/** The events of the period that the query asks for and the predicate accepts, in the order of arrival, last first. */
function* eventsOf(
  logs: LogReader,
  query: Partial<Input<'streams'>> & { startTime: number; endTime: number },
  isWanted: (event: StoredEvent) => boolean,
): Generator<StoredEvent> {
  const { startTime, endTime } = query;
  for (const event of logs.read(groupOf(logs, query), startTime)) {
    const isDuring = event.timestamp >= startTime && event.timestamp < endTime;
    if (isDuring && isWanted(event)) yield event;
  }
}

const bytesOf = ({ message }: StoredEvent): number => message.length;

function filterEvents(logs: LogReader, query: Input<'filter'>): object {
  const { limit, nextToken, logStreamNames: names, logStreamNamePrefix: prefix, ...others } = query;
  const matches = compileFilterPattern(query.filterPattern);
  const { items, nextToken: next } = pageOf({
    items: eventsOf(
      logs,
      query,
      ({ logStreamName, message }) =>
        (names?.includes(logStreamName) ?? true) && logStreamName.startsWith(prefix) && matches(message),
    ),
    keyOf: ({ eventId }) => eventId,
    limit,
    bytesOf,
    nextToken,
    query: ['FilterLogEvents', others, names, prefix],
    badToken: BAD,
  });
  return { events: items, searchedLogStreams: [], nextToken: next };
}

/** A token names an event and the direction to continue in. At either end the same token is returned. */
function getEvents(logs: LogReader, query: Input<'events'>): object {
  const [, direction, position = ''] = /^([fb])\/(\d*)$/.exec(query.nextToken ?? '') ?? [];
  if (query.nextToken !== undefined && direction === undefined) {
    throw new AwsError(BAD, 'The specified nextToken is invalid.');
  }
  const isForward = direction === undefined ? query.startFromHead : direction === 'f';
  const events = eventsOf(logs, query, ({ logStreamName, eventId }) => {
    if (logStreamName !== query.logStreamName) return false;
    return position === '' || (isForward ? eventId > position : eventId < position);
  });
  const page = pageTowards(isForward ? 'end' : 'beginning', events, query.limit);
  return {
    events: page.map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
    nextForwardToken: `f/${page.at(-1)?.eventId ?? position}`,
    nextBackwardToken: `b/${page[0]?.eventId ?? position}`,
  };
}

/** The first events, or the last ones, ordered by time. */
function pageTowards(end: 'beginning' | 'end', events: Iterable<StoredEvent>, limit: number): StoredEvent[] {
  const sign = end === 'end' ? 1 : -1;
  const order = (a: StoredEvent, b: StoredEvent) => (a.eventId < b.eventId ? -sign : sign);
  const page = createPageBuffer({ order, limit, bytesOf });
  for (const event of events) page.add(event);
  const { items } = page.take();
  return end === 'end' ? items : items.reverse();
}
