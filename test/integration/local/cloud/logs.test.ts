import { appendFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  type DescribeLogGroupsCommandInput,
  DescribeLogStreamsCommand,
  type DescribeLogStreamsCommandInput,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  GetLogEventsCommand,
  type GetLogEventsCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterEach, describe, expect, it } from 'vitest';
import { startAwsEndpoint } from '../../../../local/cloud/aws-endpoint.ts';
import { type LogEvent, type LogGroup, openLogs } from '../../../../local/cloud/logs.ts';
import { logsService } from '../../../../local/cloud/logs-service.ts';
import { temporaryFolder } from '../../../support/cloud/assembly.ts';
import { AWS } from '../../../support/cloud/clouds.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A client of an endpoint that serves only the logs of a state folder, as `npm run logs` does while no cloud runs. */
async function clientOf(stateFolder: string, groups?: LogGroup[]): Promise<CloudWatchLogsClient> {
  const logs = openLogs(stateFolder, groups);
  const endpoint = await startAwsEndpoint({ port: 0, warn: () => {} });
  endpoint.serve(logsService(logs));
  closers.push(logs.close, endpoint.close);
  return new CloudWatchLogsClient({ ...AWS, endpoint: endpoint.url });
}

async function serveLogs(stateFolder: string) {
  const client = await clientOf(stateFolder);
  return (input: FilterLogEventsCommandInput) => client.send(new FilterLogEventsCommand(input));
}

const at = (timestamp: number, message: string, logStreamName = 'stream'): LogEvent => ({
  timestamp,
  message,
  logStreamName,
});

async function folderWith(events: LogEvent[]): Promise<string> {
  const stateFolder = await temporaryFolder();
  const logs = openLogs(stateFolder, [{ name: '/app/log' }]);
  for (const event of events) logs.append('/app/log', event);
  logs.close();
  return stateFolder;
}

const messages = ({ events = [] }: { events?: { message?: string | undefined }[] | undefined }) =>
  events.map(({ message }) => message);

describe('a page of a log with long lines', () => {
  const MEGABYTE = 1024 * 1024;
  const lines = Array.from({ length: 5 }, (_, index) => String(index).repeat(3 * MEGABYTE));

  it('ends before it is too long to be sent, and the next page continues', async () => {
    const filter = await serveLogs(await folderWith(lines.map((line, index) => at(index, line))));
    const first = await filter({ logGroupName: '/app/log' });
    const second = await filter({ logGroupName: '/app/log', nextToken: first.nextToken });
    const third = await filter({ logGroupName: '/app/log', nextToken: second.nextToken });
    expect([first, second, third].map((page) => messages(page).length)).toEqual([2, 2, 1]);
    expect([first, second, third].flatMap(messages)).toEqual(lines);
    expect(third.nextToken).toBeUndefined();
  });

  it('has at least one line', async () => {
    const line = 'x'.repeat(9 * MEGABYTE);
    const filter = await serveLogs(await folderWith([at(1, line), at(2, line)]));
    const found = await filter({ logGroupName: '/app/log' });
    expect(messages(found)).toHaveLength(1);
    expect(found.nextToken).toBeDefined();
  });
});

describe('FilterLogEvents', () => {
  it('sorts by time, then by arrival', async () => {
    const filter = await serveLogs(await folderWith([at(3, 'c'), at(1, 'a1'), at(2, 'b'), at(1, 'a2')]));
    const found = await filter({ logGroupName: '/app/log' });
    expect(messages(found)).toEqual(['a1', 'a2', 'b', 'c']);
    expect(found.events?.[0]).toEqual({
      eventId: expect.any(String),
      timestamp: 1,
      ingestionTime: expect.any(Number),
      message: 'a1',
      logStreamName: 'stream',
    });
  });

  it('returns every event once, page by page', async () => {
    const texts = Array.from({ length: 25 }, (_, index) => `line ${index}`);
    const filter = await serveLogs(await folderWith(texts.map((text) => at(7, text))));
    const found: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const page = await filter({ logGroupName: '/app/log', limit: 10, ...(nextToken && { nextToken }) });
      found.push(...messages(page));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(found).toEqual(texts);
  });

  it('includes the start of the period and excludes its end', async () => {
    const now = Date.now();
    const filter = await serveLogs(
      await folderWith([at(now - 1, 'before'), at(now, 'start'), at(now + 1, 'end')]),
    );
    expect(messages(await filter({ logGroupName: '/app/log', startTime: now, endTime: now + 1 }))).toEqual([
      'start',
    ]);
  });

  it('selects by stream and pattern, and accepts an ARN as group', async () => {
    const filter = await serveLogs(
      await folderWith([at(1, 'one ERROR', 'a'), at(2, 'two ERROR', 'b'), at(3, 'three', 'b')]),
    );
    const logGroupIdentifier = 'arn:aws:logs:us-east-1:000000000000:log-group:/app/log:*';
    const found = await filter({ logGroupIdentifier, logStreamNames: ['b'], filterPattern: 'ERROR' });
    expect(messages(found)).toEqual(['two ERROR']);
  });

  it('names an unknown group and an unsupported pattern', async () => {
    const filter = await serveLogs(await folderWith([]));
    await expect(filter({ logGroupName: '/other' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(filter({ logGroupName: '/app/log', filterPattern: '[a]' })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });

  it('skips a line that a kill cut off, and reads the one after it', async () => {
    const stateFolder = await folderWith([at(1, 'whole')]);
    const folder = path.join(stateFolder, 'logs', encodeURIComponent('/app/log'));
    const [file = ''] = await readdir(folder);
    await appendFile(path.join(folder, file), '{"timestamp":2,"mess');
    const filter = await serveLogs(stateFolder);
    expect(messages(await filter({ logGroupName: '/app/log' }))).toEqual(['whole']);
    const reopened = openLogs(stateFolder, [{ name: '/app/log' }]);
    reopened.append('/app/log', at(3, 'next'));
    reopened.close();
    expect(messages(await filter({ logGroupName: '/app/log' }))).toEqual(['whole', 'next']);
  });
});

describe('DescribeLogGroups', () => {
  it('lists groups by prefix and pattern, page by page', async () => {
    const stateFolder = await temporaryFolder();
    const groups = [{ name: '/app/b', retentionInDays: 30 }, { name: '/app/a' }, { name: '/other' }];
    const client = await clientOf(stateFolder, groups);
    const ask = async (input: DescribeLogGroupsCommandInput) => {
      const { logGroups = [], nextToken } = await client.send(new DescribeLogGroupsCommand(input));
      return { names: logGroups.map(({ logGroupName }) => logGroupName), logGroups, nextToken };
    };
    expect((await ask({})).names).toEqual(['/app/a', '/app/b', '/other']);
    expect((await ask({ logGroupNamePattern: 'oth' })).names).toEqual(['/other']);
    const { names, nextToken } = await ask({ logGroupNamePrefix: '/app', limit: 1 });
    expect(names).toEqual(['/app/a']);
    const { logGroups } = await ask({ logGroupNamePrefix: '/app', limit: 1, nextToken });
    expect(logGroups).toEqual([
      {
        logGroupName: '/app/b',
        logGroupArn: 'arn:aws:logs:us-east-1:000000000000:log-group:/app/b',
        arn: 'arn:aws:logs:us-east-1:000000000000:log-group:/app/b:*',
        logGroupClass: 'STANDARD',
        creationTime: expect.any(Number),
        retentionInDays: 30,
        metricFilterCount: 0,
        storedBytes: 0,
      },
    ]);
  });
});

describe('DescribeLogStreams', () => {
  const ask = async (more: Partial<DescribeLogStreamsCommandInput>) => {
    const events = [at(1, 'one', 'b'), at(5, 'five', 'a'), at(2, 'two', 'b'), at(3, 'three', 'other')];
    const client = await clientOf(await folderWith(events));
    const input = { logGroupName: '/app/log', ...more };
    return (await client.send(new DescribeLogStreamsCommand(input))).logStreams ?? [];
  };
  const names = async (more: Partial<DescribeLogStreamsCommandInput>) =>
    (await ask(more)).map(({ logStreamName }) => logStreamName);

  it('sorts by name or by last event, ascending or descending', async () => {
    expect(await names({})).toEqual(['a', 'b', 'other']);
    expect(await names({ orderBy: 'LastEventTime', descending: true })).toEqual(['a', 'other', 'b']);
    expect(await names({ logStreamNamePrefix: 'o' })).toEqual(['other']);
    expect((await ask({}))[1]).toEqual({
      logStreamName: 'b',
      arn: 'arn:aws:logs:us-east-1:000000000000:log-group:/app/log:log-stream:b',
      creationTime: expect.any(Number),
      firstEventTimestamp: 1,
      lastEventTimestamp: 2,
      lastIngestionTime: expect.any(Number),
      storedBytes: 0,
    });
  });

  it('names an unknown group', async () => {
    await expect(names({ logGroupName: '/other' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});

describe('GetLogEvents', () => {
  it('pages forward and back through one stream, and stops at its ends', async () => {
    const lines = [1, 2, 3, 4].flatMap((time) => [at(time, `${time}`, 's'), at(time, 'no', 'other')]);
    const client = await clientOf(await folderWith(lines));
    const get = async (more: Partial<GetLogEventsCommandInput>) => {
      const input = { logGroupName: '/app/log', logStreamName: 's', limit: 2, ...more };
      const found = await client.send(new GetLogEventsCommand(input));
      return { ...found, texts: messages(found) };
    };
    const last = await get({});
    expect(last.texts).toEqual(['3', '4']);
    const first = await get({ nextToken: last.nextBackwardToken });
    expect(first.texts).toEqual(['1', '2']);
    expect((await get({ nextToken: first.nextForwardToken })).texts).toEqual(['3', '4']);
    const end = await get({ nextToken: last.nextForwardToken });
    expect(end.texts).toEqual([]);
    expect(end.nextForwardToken).toBe(last.nextForwardToken);
    expect((await get({ startFromHead: true, startTime: 2, endTime: 4 })).texts).toEqual(['2', '3']);
    await expect(get({ nextToken: 'made up' })).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });
});

it('drops only days beyond the retention', async () => {
  const stateFolder = await temporaryFolder();
  const folder = path.join(stateFolder, 'logs', 'group');
  await mkdir(folder, { recursive: true });
  const dayAgo = (days: number) =>
    `${new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)}.jsonl`;
  for (const days of [7, 9]) await writeFile(path.join(folder, dayAgo(days)), '');
  openLogs(stateFolder, [{ name: 'group', retentionInDays: 8 }]).close();
  expect(await readdir(folder)).toEqual([dayAgo(7)]);
});
