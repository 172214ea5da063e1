import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../local/cloud/cloud.ts';
import {
  type Fixture,
  httpApi,
  lambdaFunction,
  route,
  temporaryFolder,
} from '../../../support/cloud/assembly.ts';
import { AWS, clouds, messagesIn } from '../../../support/cloud/clouds.ts';
import { eventually } from '../../../support/eventually.ts';

const start = clouds();

const BUS_ARN = 'arn:aws:events:us-east-1:000000000000:event-bus/changes';
const Bus = {
  Type: 'AWS::Events::EventBus',
  Properties: { Name: 'changes', Description: 'What changed', KmsKeyIdentifier: 'alias/any' },
};

/** Logs each event that it receives. */
const listener = 'export const handler = async (event) => console.log(JSON.stringify(event));';

const rule = (target: string, more: object) => ({
  Type: 'AWS::Events::Rule',
  Properties: { Targets: [{ Id: 'T', Arn: { 'Fn::GetAtt': [target, 'Arn'] } }], ...more },
});

const listenerFunction = (name: string) =>
  lambdaFunction('listener', {
    FunctionName: name,
    LoggingConfig: { LogFormat: 'JSON', SystemLogLevel: 'WARN' },
  });

const fixture = (more: Fixture['resources'] = {}): Fixture => ({
  resources: {
    Bus,
    OfBus: listenerFunction('of-bus'),
    OfDefault: listenerFunction('of-default'),
    BusRule: rule('OfBus', { EventBusName: { Ref: 'Bus' }, EventPattern: { source: ['shop'] } }),
    DefaultRule: rule('OfDefault', { EventPattern: { source: ['shop'] } }),
    ...httpApi(),
    ...more,
  },
  assets: { listener },
});

const entry = (more: PutEventsRequestEntry = {}): PutEventsRequestEntry => ({
  Source: 'shop',
  DetailType: 'Sold',
  Detail: '{"id":1}',
  EventBusName: 'changes',
  ...more,
});

function put(cloud: Cloud, ...Entries: PutEventsRequestEntry[]) {
  const client = new EventBridgeClient({ ...AWS, endpoint: cloud.awsEndpoint });
  return client.send(new PutEventsCommand({ Entries }));
}

async function eventsReceivedBy(
  cloud: Cloud,
  name: string,
  count: number,
): Promise<Record<string, unknown>[]> {
  const lines = await eventually(async () => {
    const found = await messagesIn(cloud, `/aws/lambda/${name}`).catch(() => []);
    return found.length >= count ? found : undefined;
  });
  return lines.map((line) => JSON.parse(JSON.parse(line).message));
}

async function record(stateFolder: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(path.join(stateFolder, 'event-buses', 'changes.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('an event bus', () => {
  it.each(['changes', BUS_ARN])(
    'delivers events put on %s to its own rules, and records them',
    async (name) => {
      const stateFolder = await temporaryFolder();
      const cloud = await start(fixture(), { stateFolder });
      const Time = new Date('2026-11-23T09:00:12Z');
      const answer = await put(cloud, entry({ EventBusName: name, Resources: ['arn:a'], Time }), entry());
      expect(answer).toMatchObject({ FailedEntryCount: 0, Entries: [{ EventId: expect.any(String) }, {}] });
      await put(cloud, entry({ EventBusName: 'default', Detail: '{"id":2}' }));

      const [first, second] = answer.Entries?.map(({ EventId }) => EventId) ?? [];
      const given = await eventsReceivedBy(cloud, 'of-bus', 2);
      const event = given.find(({ id }) => id === first);
      expect(event).toEqual({
        version: '0',
        id: first,
        'detail-type': 'Sold',
        source: 'shop',
        account: '000000000000',
        time: '2026-11-23T09:00:12Z',
        region: 'us-east-1',
        resources: ['arn:a'],
        detail: { id: 1 },
      });
      const ofDefault = await eventsReceivedBy(cloud, 'of-default', 1);
      expect(ofDefault.map(({ detail }) => detail)).toEqual([{ id: 2 }]);
      const kept = await record(stateFolder);
      expect(kept.map(({ id }) => id)).toEqual([first, second]);
      expect(kept[0]).toEqual(event);
    },
  );

  it('keeps its record across a restart', async () => {
    const stateFolder = await temporaryFolder();
    for (const id of [1, 2]) {
      const cloud = await start(fixture(), { stateFolder });
      await put(cloud, entry({ Detail: JSON.stringify({ id }) }));
      await cloud.close();
    }
    expect((await record(stateFolder)).map(({ detail }) => detail)).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it('is reachable from a bundled function through its environment variables', async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: `import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
          export const handler = async () =>
            new EventBridgeClient().send(new PutEventsCommand({ Entries: [${JSON.stringify(entry())}] }));`,
        resolveDir: import.meta.dirname,
      },
      bundle: true,
      format: 'esm',
      platform: 'node',
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
      write: false,
    });
    const more = { Sender: lambdaFunction('sender'), ...route('Send', 'POST /send', 'Sender') };
    const { assets, resources } = fixture(more);
    const cloud = await start({ resources, assets: { ...assets, sender: outputFiles[0]?.text ?? '' } });
    const answer = await fetch(`${cloud.apiEndpoint}/send`, { method: 'POST' });
    expect(await answer.json()).toMatchObject({ FailedEntryCount: 0 });
    expect((await eventsReceivedBy(cloud, 'of-bus', 1)).map(({ detail }) => detail)).toEqual([{ id: 1 }]);
  });
});

describe('PutEvents', () => {
  it.each<[string, PutEventsRequestEntry, string, string]>([
    ['no source', { Source: undefined }, 'InvalidArgument', 'Source is a required argument'],
    ['an empty detail type', { DetailType: '' }, 'InvalidArgument', 'DetailType is a required argument'],
    ['no detail', { Detail: undefined }, 'InvalidArgument', 'Detail is a required argument'],
    ['a detail that is not JSON', { Detail: '{' }, 'MalformedDetail', 'malformed'],
    ['a detail that is not an object', { Detail: '[1]' }, 'MalformedDetail', 'malformed'],
    ['an aws. source', { Source: 'aws.states' }, 'NotAuthorizedForSourceException', 'source'],
  ])('rejects an entry with %s and accepts the others', async (_, more, ErrorCode, message) => {
    const stateFolder = await temporaryFolder();
    const cloud = await start(fixture(), { stateFolder });
    const answer = await put(cloud, entry(more), entry({ Detail: '{"id":2}' }));
    expect(answer.FailedEntryCount).toBe(1);
    expect(answer.Entries).toEqual([
      { ErrorCode, ErrorMessage: expect.stringContaining(message) },
      { EventId: expect.any(String) },
    ]);
    expect((await record(stateFolder)).map(({ detail }) => detail)).toEqual([{ id: 2 }]);
  });

  it.each([0, 11])('refuses %i entries', async (length) => {
    const cloud = await start(fixture());
    await expect(put(cloud, ...Array.from({ length }, () => entry()))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('accepts entries of just under 1 MB in total, and refuses 1 MB', async () => {
    const cloud = await start(fixture());
    const Time = new Date(0);
    const ofBytes = (bytes: number) => {
      // 14 bytes for the time, 8 for source and detail type, 4 for two two-byte characters, 8 for the JSON syntax.
      const Detail = JSON.stringify({ a: `éé${'x'.repeat(bytes - 34)}` });
      return entry({ Time, Detail });
    };
    const half = 524_288;
    expect((await put(cloud, ofBytes(half), ofBytes(half - 1))).FailedEntryCount).toBe(0);
    await expect(put(cloud, ofBytes(half), ofBytes(half))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('over the limit'),
    });
  });

  it('accepts and drops an event for an unknown bus, as EventBridge does, but warns', async () => {
    const warnings: string[] = [];
    const cloud = await start(fixture(), { warn: (message) => warnings.push(message) });
    const answer = await put(cloud, entry({ EventBusName: 'chnages' }));
    expect(answer).toMatchObject({ FailedEntryCount: 0, Entries: [{ EventId: expect.any(String) }] });
    expect(warnings).toEqual(['Dropped an event: there is no event bus chnages.']);
  });

  it('refuses an unknown parameter by name', async () => {
    const cloud = await start(fixture());
    const answer = await fetch(cloud.awsEndpoint, {
      method: 'POST',
      headers: { 'x-amz-target': 'AWSEvents.PutEvents' },
      body: JSON.stringify({ EndpointId: 'a.b', Entries: [entry()] }),
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      __type: 'ValidationException',
      message: expect.stringContaining('EndpointId'),
    });
  });
});

describe('a start', () => {
  it('refuses a rule on an unknown bus, a schedule on a custom bus, and a bus named default', async () => {
    const nightly = {
      ScheduleExpression: 'cron(0 9 * * ? *)',
      EventBusName: { 'Fn::GetAtt': ['Bus', 'Arn'] },
    };
    const stray = { EventBusName: 'elsewhere', EventPattern: { source: ['shop'] } };
    const resources = { Nightly: rule('OfBus', nightly), Stray: rule('OfBus', stray) };
    await expect(start(fixture(resources))).rejects.toMatchObject({
      faults: [
        'Nightly: AWS::Events::Rule has a schedule on event bus changes, but schedules run only on the default bus',
        'Stray: AWS::Events::Rule has event bus elsewhere, which is not in the template',
      ],
    });
    const Default = { Type: 'AWS::Events::EventBus', Properties: { Name: 'default' } };
    await expect(start(fixture({ Default }))).rejects.toMatchObject({
      faults: [
        expect.stringMatching(
          /^Default: AWS::Events::EventBus property Name has a value that is not supported here/,
        ),
      ],
    });
  });
});
