import { SqsSchema } from '@aws-lambda-powertools/parser/schemas/sqs';
import {
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../local/cloud/cloud.ts';
import { temporaryFolder } from '../../../support/cloud/assembly.ts';
import { clouds, messagesIn } from '../../../support/cloud/clouds.ts';
import { eventually, holdsEventually } from '../../../support/eventually.ts';
import { countsOf, nextMessage, readerFixture, sqs, urlOf } from './queue-support.ts';

const start = clouds();

async function send(cloud: Cloud, bodies: readonly string[]): Promise<void> {
  for (let first = 0; first < bodies.length; first += 10) {
    const Entries = bodies
      .slice(first, first + 10)
      .map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    await sqs(cloud).send(new SendMessageBatchCommand({ QueueUrl: urlOf(cloud, 'work'), Entries }));
  }
}

const log = (cloud: Cloud) => messagesIn(cloud, '/aws/lambda/reader').catch(() => []);

/** The JSON lines that the function printed, in order. */
const printed = async (cloud: Cloud): Promise<unknown[]> =>
  (await log(cloud)).flatMap((line) => {
    const [, text] = /\tINFO\t(.*)/s.exec(line) ?? [];
    return text === undefined ? [] : [JSON.parse(text)];
  });

interface Received {
  body: string;
  receiptHandle: string;
}

/** A function that prints the messages of each batch and then does something. */
const reader = (work: string) => `
  export const handler = async ({ Records }) => {
    console.info(JSON.stringify(Records.map(({ body, receiptHandle }) => ({ body, receiptHandle }))));
    ${work}
  };`;

/** The batches that the function received. */
const batches = async (cloud: Cloud) => (await printed(cloud)) as Received[][];
const bodiesOf = async (cloud: Cloud) => (await batches(cloud)).map((batch) => batch.map(({ body }) => body));

/** Waits until the function has ended as many times. */
const invocationsEnd = (cloud: Cloud, count: number) =>
  eventually(async () => {
    const ends = (await log(cloud)).filter((line) => line.startsWith('REPORT'));
    return ends.length === count || undefined;
  });

/** Lets the visibility timeout of these messages pass. */
async function release(cloud: Cloud, messages: readonly Received[]): Promise<void> {
  const QueueUrl = urlOf(cloud, 'work');
  for (const { receiptHandle: ReceiptHandle } of messages) {
    const now = { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 };
    await sqs(cloud).send(new ChangeMessageVisibilityCommand(now));
  }
}

const has = (cloud: Cloud, name: string, counts: Awaited<ReturnType<typeof countsOf>>) =>
  holdsEventually(async () => expect(await countsOf(cloud, name)).toEqual(counts));
const isEmpty = (cloud: Cloud) => has(cloud, 'work', { visible: 0, inFlight: 0 });

const BOTH = { BatchSize: 2, MaximumBatchingWindowInSeconds: 300 };

describe('an event source mapping', () => {
  it('invokes the function with events in the published shape', async () => {
    const source = 'export const handler = async (event) => console.info(JSON.stringify(event));';
    const cloud = await start(readerFixture(source));
    const attribute = { DataType: 'String', StringValue: 'v' };
    const message = { QueueUrl: urlOf(cloud, 'work'), MessageBody: 'a', MessageAttributes: { k: attribute } };
    await sqs(cloud).send(new SendMessageCommand(message));
    await isEmpty(cloud);
    const { Records } = SqsSchema.parse((await printed(cloud))[0]);
    expect(Records).toMatchObject([
      {
        body: 'a',
        messageAttributes: { k: { stringValue: 'v', dataType: 'String' } },
        attributes: { ApproximateReceiveCount: '1' },
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:work',
        awsRegion: 'us-east-1',
      },
    ]);
  });

  it('collects more messages than SQS returns at once, up to the batch size', async () => {
    const mapping = { BatchSize: 25, MaximumBatchingWindowInSeconds: 300 };
    const cloud = await start(readerFixture(reader(''), mapping));
    const bodies = Array.from({ length: 25 }, (_, index) => String(index));
    await send(cloud, bodies);
    await isEmpty(cloud);
    expect(await bodiesOf(cloud)).toEqual([bodies]);
  });

  it('invokes the function with fewer messages when the window is over', async () => {
    const mapping = { BatchSize: 100, MaximumBatchingWindowInSeconds: 1 };
    const cloud = await start(readerFixture(reader(''), mapping));
    await send(cloud, ['a', 'b', 'c']);
    await isEmpty(cloud);
    expect(await bodiesOf(cloud)).toEqual([['a', 'b', 'c']]);
  });

  it('has no more batches in progress than it may', async () => {
    const FOLDER = await temporaryFolder();
    const source = `
      import { readdirSync, rmSync, writeFileSync } from 'node:fs';
      const folder = process.env.FOLDER;
      export const handler = async ({ Records: [{ messageId }] }) => {
        writeFileSync(folder + '/' + messageId, '');
        await new Promise((resolve) => setTimeout(resolve, 20));
        console.info(readdirSync(folder).length);
        rmSync(folder + '/' + messageId);
      };`;
    const mapping = { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } };
    const cloud = await start(readerFixture(source, mapping, { Environment: { Variables: { FOLDER } } }));
    const bodies = Array.from({ length: 20 }, (_, index) => String(index));
    await send(cloud, bodies);
    await isEmpty(cloud);
    const counts = (await printed(cloud)).map(Number);
    expect(counts).toHaveLength(bodies.length);
    expect(Math.max(...counts)).toBeLessThanOrEqual(2);
  });

  it('does not read while it is disabled', async () => {
    const cloud = await start(readerFixture(reader(''), { Enabled: false }));
    await send(cloud, ['a']);
    expect(await nextMessage(cloud, 'work')).toMatchObject({ Body: 'a' });
  });

  it.each([
    ['throws', "throw new Error('no');"],
    ['is killed by its timeout', 'await new Promise((resolve) => setTimeout(resolve, 60_000));'],
    ['exits', 'process.exit(3);'],
  ])('returns the whole batch to the queue when the function %s', async (_, work) => {
    const isFirst = "if (Records[0].attributes.ApproximateReceiveCount === '1')";
    const cloud = await start(readerFixture(reader(`${isFirst} { ${work} }`), BOTH));
    await send(cloud, ['a', 'b']);
    await invocationsEnd(cloud, 1);
    await has(cloud, 'work', { visible: 0, inFlight: 2 });
    await release(cloud, (await batches(cloud))[0] ?? []);
    await isEmpty(cloud);
    expect(await bodiesOf(cloud)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it('leaves only the reported messages in the queue', async () => {
    const report = 'return { batchItemFailures: [{ itemIdentifier: Records.at(-1).messageId }] };';
    const mapping = {
      BatchSize: 2,
      MaximumBatchingWindowInSeconds: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    };
    const cloud = await start(readerFixture(reader(report), mapping));
    await send(cloud, ['a', 'b']);
    await has(cloud, 'work', { visible: 0, inFlight: 1 });
    const [, failed] = (await batches(cloud))[0] ?? [];
    await release(cloud, failed === undefined ? [] : [failed]);
    await eventually(async () => ((await batches(cloud)).length > 1 ? true : undefined));
    expect((await bodiesOf(cloud))[1]).toEqual(['b']);
  });

  it('does not expect reports unless the mapping says so', async () => {
    const report = 'return { batchItemFailures: [{ itemIdentifier: Records[1].messageId }] };';
    const cloud = await start(readerFixture(reader(report), BOTH));
    await send(cloud, ['a', 'b']);
    await isEmpty(cloud);
  });

  it('leaves a message to the dead-letter queue after the last attempt', async () => {
    const cloud = await start(readerFixture(reader("throw new Error('no');")));
    await send(cloud, ['a']);
    for (const attempt of [1, 2]) {
      await invocationsEnd(cloud, attempt);
      await release(cloud, (await batches(cloud))[attempt - 1] ?? []);
    }
    expect(await nextMessage(cloud, 'dead')).toMatchObject({ Body: 'a' });
    await isEmpty(cloud);
  });
});
