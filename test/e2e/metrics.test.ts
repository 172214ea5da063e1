import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DROP_REASONS, type DropReason } from '../../functions/shared/contract/deliveries.ts';
import { resourceNames } from '../../functions/shared/contract/names.ts';
import { logsClient } from '../../local/aws-clients.ts';
import { readConfiguration, STAGE, stackSettings } from '../../local/configuration.ts';
import { synthesize } from '../../local/synthesis.ts';
import { push, signatureOf } from '../support/deliveries.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';
import { eventually } from '../support/eventually.ts';
import { templateFor } from '../support/stack.ts';
import { workerStack } from '../support/worker-stack.ts';
import { authorsOf } from './support.ts';

/** A metric as CloudWatch identifies it: `ItemSync RunsFailed Stage=dev`. */
type MetricKey = string;

const keyOf = (
  namespace: string,
  name: string,
  dimensions: readonly (readonly [string, string])[],
): MetricKey =>
  [namespace, name, ...dimensions.map(([dimension, value]) => `${dimension}=${value}`).toSorted()].join(' ');

const template = templateFor({ stage: STAGE });

describe('the metrics that an alarm or the dashboard uses', () => {
  let embedded: Embedded;
  let emitted: Set<MetricKey>;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'item-sync-metrics-'));
    const environment = { ...workerStack().environment, GITHUB_DELIVERIES: 'on', GITHUB_LIMITS: 'published' };
    const settings = { ...stackSettings(readConfiguration(environment)), ignoredRepositories: 'docs' };
    embedded = await startEmbedded({ environment, assembly: await synthesize(folder, settings) });
    expect(await embedded.run()).toMatchObject({ exitCode: 'COMPLETED' });
    const [repository] = await authorsOf(embedded).repositories();
    await deliver(embedded, { event: 'push', body: push(repository?.id) });
    for (const reason of DROP_REASONS) await deliver(embedded, DROPPED[reason]);
    emitted = await eventually(async () => {
      const found = await emittedMetrics(embedded);
      return [...found].some((key) => key.includes('DeliveriesSynchronized')) ? found : undefined;
    });
  });
  afterAll(async () => {
    await embedded?.close();
    await rm(folder, { recursive: true });
  });

  it('are written by a run and by deliveries, with their dimensions', () => {
    const used = [...metricsOfAlarms(), ...metricsOfDashboard()];
    expect(used.length).toBeGreaterThan(30);
    // Metrics of AWS itself exist in any case, and filters of the template count the others.
    const isOurs = (key: MetricKey) => !key.startsWith('AWS/') && !metricsOfFilters().includes(key);
    expect(used.filter(isOurs).filter((key) => !emitted.has(key))).toEqual([]);
  });

  it('come with a notification of the run, which has a readable subject', async () => {
    const { stateFolder, outputs } = embedded.cloud;
    const file = join(stateFolder, 'topics', `${resourceNames(STAGE).runTopic}.jsonl`);
    const { TopicArn, Subject, Message } = JSON.parse(await readFile(file, 'utf8'));
    expect(TopicArn).toBe(outputs['RunTopicArn']);
    expect(Subject).toBe('item-sync local: run 1 COMPLETED, 12 ids: 12 created, 0 updated, 0 removed');
    expect(JSON.parse(Message)).toMatchObject({
      stage: STAGE,
      jobExecutionId: 1,
      exitCode: 'COMPLETED',
      counts: { total: 12, outcomes: { created: 12, failed: 0 } },
    });
  });

  it('do not appear in the log that people read', async () => {
    const lines = await embedded.log();
    expect(lines.length).toBeGreaterThan(10);
    for (const { message } of lines) expect(message).toMatch(/\S/);
  });
});

const OTHER = { owner: { login: 'another', name: 'another' }, full_name: 'another/item-7' };
const DROPPED: Record<DropReason, Delivery> = {
  ping: { event: 'ping', body: push() },
  'other-branch': { event: 'push', body: { ...push(), ref: 'refs/heads/other' } },
  'other-organization': {
    event: 'push',
    body: { ...push(), repository: { ...push().repository, ...OTHER } },
  },
  'ignored-repository': {
    event: 'push',
    body: { ...push(), repository: { ...push().repository, name: 'docs' } },
  },
  'unknown-event': { event: 'star', body: push() },
  'no-repository': { event: 'push', body: { ref: 'refs/heads/main' } },
};

interface Delivery {
  event: string;
  body: object;
}

async function deliver({ cloud }: Embedded, { event, body }: Delivery): Promise<void> {
  const text = JSON.stringify(body);
  const answer = await fetch(`${cloud.apiEndpoint}/webhook`, {
    method: 'POST',
    body: text,
    headers: {
      'content-type': 'application/json',
      'x-github-event': event,
      'x-github-delivery': crypto.randomUUID(),
      'x-hub-signature-256': signatureOf(text, 'simulated-webhook-secret'),
    },
  });
  expect(answer.status, event).toBe(202);
}

const EmbeddedMetrics = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
});

/** What CloudWatch would extract from the run log. */
async function emittedMetrics({ cloud }: Embedded): Promise<Set<MetricKey>> {
  const pages = paginateFilterLogEvents(
    { client: logsClient(cloud.awsEndpoint) },
    { logGroupName: resourceNames(STAGE).logGroup, filterPattern: '"CloudWatchMetrics"' },
  );
  const keys: MetricKey[] = [];
  for await (const { events = [] } of pages) {
    for (const { message = '' } of events)
      keys.push(...metricsIn(EmbeddedMetrics.parse(JSON.parse(message))));
  }
  return new Set(keys);
}

function metricsIn(line: z.output<typeof EmbeddedMetrics>): MetricKey[] {
  return line._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name }) => {
        expect(line[Name], Name).toEqual(expect.any(Number));
        return keyOf(
          Namespace,
          Name,
          names.map((name) => [name, String(line[name])] as const),
        );
      }),
    ),
  );
}

const AlarmMetric = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })).default([]),
});

function metricsOfAlarms(): MetricKey[] {
  return propertiesOf('AWS::CloudWatch::Alarm').flatMap(({ Metrics, ...single }) => {
    const listed = Metrics
      ? Metrics.flatMap((one: { MetricStat?: { Metric: object } }) => one.MetricStat?.Metric ?? [])
      : [single];
    return listed.map((given: object) => {
      const { Namespace, MetricName, Dimensions } = AlarmMetric.parse(given);
      return keyOf(
        Namespace,
        MetricName,
        Dimensions.map(({ Name, Value }) => [Name, String(Value)] as const),
      );
    });
  });
}

function metricsOfDashboard(): MetricKey[] {
  const [dashboard] = propertiesOf('AWS::CloudWatch::Dashboard');
  if (!dashboard) throw new Error('the stack has no dashboard');
  const [, parts] = dashboard['DashboardBody']['Fn::Join'];
  const text = parts.map((part: unknown) => (typeof part === 'string' ? part : 'token')).join('');
  const { widgets } = z
    .object({
      widgets: z.array(
        z.object({ properties: z.looseObject({ metrics: z.array(z.array(z.unknown())).default([]) }) }),
      ),
    })
    .parse(JSON.parse(text));
  return widgets.flatMap(({ properties: { metrics } }) =>
    metrics.flatMap((metric) => {
      const [namespace, name, ...rest] = metric.filter((part) => typeof part === 'string');
      if (namespace === undefined || name === undefined) return [];
      const pairs = Array.from(
        { length: rest.length / 2 },
        (_, index) => [rest[2 * index] ?? '', rest[2 * index + 1] ?? ''] as const,
      );
      return [keyOf(namespace, name, pairs)];
    }),
  );
}

const metricsOfFilters = (): MetricKey[] =>
  propertiesOf('AWS::Logs::MetricFilter').flatMap(({ MetricTransformations }) =>
    MetricTransformations.map(
      ({ MetricNamespace, MetricName }: { MetricNamespace: string; MetricName: string }) =>
        keyOf(MetricNamespace, MetricName, []),
    ),
  );

const propertiesOf = (type: string) =>
  Object.values(template.findResources(type)).map(({ Properties }) => Properties);
