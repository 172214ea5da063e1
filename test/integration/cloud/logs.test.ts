import { appendFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterEach, describe, expect, it } from 'vitest';
import { startAwsEndpoint } from '../../../local/cloud/aws-endpoint.ts';
import { type LogEvent, openLogs } from '../../../local/cloud/logs.ts';
import { temporaryFolder } from '../../support/cloud/assembly.ts';
import { AWS } from '../../support/cloud/clouds.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** An endpoint that serves nothing but the logs of a state folder, as after the cloud is down. */
async function serveLogs(stateFolder: string) {
  const logs = openLogs(stateFolder);
  const endpoint = await startAwsEndpoint({ port: 0, warn: () => {} });
  endpoint.serve(logs.service);
  closers.push(logs.close, endpoint.close);
  const client = new CloudWatchLogsClient({ ...AWS, endpoint: endpoint.url });
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

describe('FilterLogEvents', () => {
  it('orders by time, then by arrival', async () => {
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

  it('gives every event once, page by page', async () => {
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

  it('takes its range from the start, up to and without the end', async () => {
    const now = Date.now();
    const filter = await serveLogs(
      await folderWith([at(now - 1, 'before'), at(now, 'start'), at(now + 1, 'end')]),
    );
    expect(messages(await filter({ logGroupName: '/app/log', startTime: now, endTime: now + 1 }))).toEqual([
      'start',
    ]);
  });

  it('selects by stream and by pattern, and takes an ARN for a name', async () => {
    const filter = await serveLogs(
      await folderWith([at(1, 'one ERROR', 'a'), at(2, 'two ERROR', 'b'), at(3, 'three', 'b')]),
    );
    const logGroupIdentifier = 'arn:aws:logs:us-east-1:000000000000:log-group:/app/log:*';
    const found = await filter({ logGroupIdentifier, logStreamNames: ['b'], filterPattern: 'ERROR' });
    expect(messages(found)).toEqual(['two ERROR']);
  });

  it('names a group that does not exist, and a pattern that it does not read', async () => {
    const filter = await serveLogs(await folderWith([]));
    await expect(filter({ logGroupName: '/other' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(filter({ logGroupName: '/app/log', filterPattern: '[a]' })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });

  it('does not stumble over a line that a kill cut off, nor over the one after it', async () => {
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

it('drops days beyond the retention, and only those', async () => {
  const stateFolder = await temporaryFolder();
  const folder = path.join(stateFolder, 'logs', 'group');
  await mkdir(folder, { recursive: true });
  const dayAgo = (days: number) =>
    `${new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)}.jsonl`;
  for (const days of [7, 9]) await writeFile(path.join(folder, dayAgo(days)), '');
  openLogs(stateFolder, [{ name: 'group', retentionInDays: 8 }]).close();
  expect(await readdir(folder)).toEqual([dayAgo(7)]);
});
