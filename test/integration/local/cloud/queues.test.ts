import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { type Fixture, lambdaFunction } from '../../../support/cloud/assembly.ts';
import { AWS, clouds } from '../../../support/cloud/clouds.ts';
import { countsOf, nextMessage, queue, sqs, urlOf } from './queue-support.ts';

const start = clouds();

const fixture = (more: Fixture['resources'] = {}): Fixture => ({
  resources: {
    Queue: queue('app-queue', { MessageRetentionPeriod: 1_209_600, SqsManagedSseEnabled: true }),
    Unnamed: { Type: 'AWS::SQS::Queue' },
    Policy: { Type: 'AWS::SQS::QueuePolicy', Properties: { Queues: [{ Ref: 'Queue' }] } },
    ...more,
  },
  outputs: {
    Url: { Value: { Ref: 'Queue' } },
    SameUrl: { Value: { 'Fn::GetAtt': ['Queue', 'QueueUrl'] } },
    Name: { Value: { 'Fn::GetAtt': ['Queue', 'QueueName'] } },
    Unnamed: { Value: { 'Fn::GetAtt': ['Unnamed', 'Arn'] } },
  },
  assets: { fails: "export const handler = async () => { throw new Error('not today'); };" },
});

describe('a queue', () => {
  it('has a URL at the AWS endpoint, and the attributes of the template', async () => {
    const cloud = await start(fixture());
    const url = urlOf(cloud, 'app-queue');
    expect(cloud.outputs).toEqual({
      Url: url,
      SameUrl: url,
      Name: 'app-queue',
      Unnamed: 'arn:aws:sqs:us-east-1:000000000000:Fixture-Unnamed',
    });
    const client = sqs(cloud);
    expect(await client.send(new GetQueueUrlCommand({ QueueName: 'app-queue' }))).toMatchObject({
      QueueUrl: url,
    });
    const listed = await client.send(new ListQueuesCommand({}));
    expect(listed.QueueUrls).toEqual([urlOf(cloud, 'Fixture-Unnamed'), url]);
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({
      QueueArn: 'arn:aws:sqs:us-east-1:000000000000:app-queue',
      MessageRetentionPeriod: '1209600',
      VisibilityTimeout: '30',
    });
  });

  it('keeps a message until it is deleted, and hides it while it is being handled', async () => {
    const cloud = await start(fixture());
    const client = sqs(cloud);
    const QueueUrl = urlOf(cloud, 'app-queue');
    const attribute = { DataType: 'String', StringValue: 'v' };
    await client.send(
      new SendMessageCommand({ QueueUrl, MessageBody: 'a', MessageAttributes: { k: attribute } }),
    );
    const first = await nextMessage(cloud, 'app-queue');
    expect(first).toMatchObject({ Body: 'a', MessageAttributes: { k: attribute } });
    expect(await client.send(new ReceiveMessageCommand({ QueueUrl }))).not.toHaveProperty('Messages');
    const { ReceiptHandle } = first;
    await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    const second = await nextMessage(cloud, 'app-queue');
    expect(second.MessageId).toBe(first.MessageId);
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: second.ReceiptHandle }));
    expect(await countsOf(cloud, 'app-queue')).toEqual({ visible: 0, inFlight: 0 });
  });

  it('answers a long poll when a message arrives', async () => {
    const cloud = await start(fixture());
    const QueueUrl = urlOf(cloud, 'app-queue');
    const poll = nextMessage(cloud, 'app-queue');
    await sqs(cloud).send(new SendMessageCommand({ QueueUrl, MessageBody: 'late' }));
    expect(await poll).toMatchObject({ Body: 'late' });
  });

  it('is found in every region, with any credentials', async () => {
    const cloud = await start(fixture());
    const client = new SQSClient({ ...AWS, region: 'eu-west-1', endpoint: cloud.awsEndpoint });
    const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: 'app-queue' }));
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));
    await client.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await countsOf(cloud, 'app-queue')).toEqual({ visible: 0, inFlight: 0 });
  });

  it('loses its messages when the cloud ends', async () => {
    const first = await start(fixture());
    const QueueUrl = urlOf(first, 'app-queue');
    await sqs(first).send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));
    await first.close();
    expect(await countsOf(await start(fixture()), 'app-queue')).toEqual({ visible: 0, inFlight: 0 });
  });
});

describe('a request to SQS', () => {
  it('for an unknown queue is refused as SQS does, also for clients of the older protocol', async () => {
    const cloud = await start(fixture());
    const refused = sqs(cloud).send(new GetQueueUrlCommand({ QueueName: 'other' }));
    await expect(refused).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    const QueueUrl = urlOf(cloud, 'other');
    const sent = sqs(cloud).send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));
    await expect(sent).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    const answer = await fetch(cloud.awsEndpoint, {
      method: 'POST',
      headers: { 'x-amz-target': 'AmazonSQS.ReceiveMessage' },
      body: JSON.stringify({ QueueUrl }),
    });
    expect(answer.headers.get('x-amzn-query-error')).toBe('AWS.SimpleQueueService.NonExistentQueue;Sender');
  });

  it.each([
    [
      'StartMessageMoveTask',
      new StartMessageMoveTaskCommand({ SourceArn: 'arn:aws:sqs:us-east-1:000000000000:app-queue' }),
    ],
    ['CreateQueue', new CreateQueueCommand({ QueueName: 'new' })],
  ])('to %s is refused by name', async (name, command) => {
    const cloud = await start(fixture());
    const refused = sqs(cloud).send(command as CreateQueueCommand);
    await expect(refused).rejects.toThrow(`AmazonSQS.${name} is not supported here.`);
  });

  it('with a parameter that is not supported is refused by name', async () => {
    const cloud = await start(fixture());
    const QueueUrl = urlOf(cloud, 'app-queue');
    const grouped = { QueueUrl, MessageBody: 'a', MessageGroupId: 'g' };
    await expect(sqs(cloud).send(new SendMessageCommand(grouped))).rejects.toThrow('MessageGroupId');
    const Entries = [{ Id: '1', MessageBody: 'a', MessageDeduplicationId: 'd' }];
    const batch = sqs(cloud).send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    await expect(batch).rejects.toThrow('MessageDeduplicationId');
  });
});

describe('a template with queues', () => {
  it('is refused with the name of each property that is not supported', async () => {
    const refused = start(
      fixture({
        Fifo: queue('orders', { FifoQueue: true, RedriveAllowPolicy: {} }),
        Slow: queue('slow', { VisibilityTimeout: 43_201 }),
        Mapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
            FunctionName: 'f',
            FilterCriteria: {},
            StartingPosition: 'LATEST',
          },
        },
      }),
    );
    await expect(refused).rejects.toMatchObject({
      faults: [
        'Fifo: AWS::SQS::Queue property FifoQueue is not supported here',
        'Fifo: AWS::SQS::Queue property RedriveAllowPolicy is not supported here',
        expect.stringMatching(/^Slow: AWS::SQS::Queue property VisibilityTimeout has a value/),
        'Mapping: AWS::Lambda::EventSourceMapping property FilterCriteria is not supported here',
        'Mapping: AWS::Lambda::EventSourceMapping property StartingPosition is not supported here',
      ],
    });
  });

  it('is refused when queues or functions are missing, and when Lambda would refuse a mapping', async () => {
    const missing = 'arn:aws:sqs:us-east-1:000000000000:missing';
    const mapping = (properties: object) => ({
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
        FunctionName: 'fails',
        ...properties,
      },
    });
    const refused = start(
      fixture({
        Redriven: queue('redriven', { RedrivePolicy: { deadLetterTargetArn: missing, maxReceiveCount: 1 } }),
        Fails: lambdaFunction('fails', {
          FunctionName: 'fails',
          Timeout: 31,
          DeadLetterConfig: { TargetArn: missing },
        }),
        Rule: {
          Type: 'AWS::Events::Rule',
          Properties: {
            Targets: [
              { Id: 'T', Arn: 'arn:aws:lambda:::function:fails', DeadLetterConfig: { Arn: missing } },
            ],
          },
        },
        Mapping: mapping({ BatchSize: 11 }),
        Lost: mapping({ EventSourceArn: missing, FunctionName: 'none' }),
      }),
    );
    const isMissing = `has queue ${missing}, which is not in the template`;
    await expect(refused).rejects.toMatchObject({
      faults: [
        `Redriven: AWS::SQS::Queue ${isMissing}`,
        `Fails: AWS::Lambda::Function ${isMissing}`,
        `Rule: AWS::Events::Rule ${isMissing}`,
        'Mapping: AWS::Lambda::EventSourceMapping has a BatchSize of more than 10, for which MaximumBatchingWindowInSeconds must be at least 1',
        'Mapping: AWS::Lambda::EventSourceMapping has a queue whose VisibilityTimeout, 30 s, is less than the Timeout of the function, 31 s',
        `Lost: AWS::Lambda::EventSourceMapping ${isMissing}`,
        'Lost: AWS::Lambda::EventSourceMapping has function none, which is not in the template',
      ],
    });
  });
});

describe('a dead-letter queue', () => {
  const Dead = { 'Fn::GetAtt': ['Queue', 'Arn'] };
  const rule = (target: object) => ({
    Type: 'AWS::Events::Rule',
    Properties: {
      Name: 'daily',
      ScheduleExpression: 'rate(1 day)',
      Targets: [{ Id: 'T', ...target }],
    },
  });

  it('receives the event that a function failed to handle on every attempt', async () => {
    const cloud = await start(
      fixture({
        Fails: lambdaFunction('fails', { FunctionName: 'fails', DeadLetterConfig: { TargetArn: Dead } }),
        Once: {
          Type: 'AWS::Lambda::EventInvokeConfig',
          Properties: { FunctionName: { Ref: 'Fails' }, Qualifier: '$LATEST', MaximumRetryAttempts: 0 },
        },
        Rule: rule({ Arn: { 'Fn::GetAtt': ['Fails', 'Arn'] }, Input: '{"a":"🙂"}' }),
      }),
    );
    await cloud.fireRule('daily', new Date());
    const message = await nextMessage(cloud, 'app-queue');
    expect(JSON.parse(message.Body ?? '')).toEqual({ a: '🙂' });
    expect(message.MessageAttributes).toEqual({
      RequestID: { DataType: 'String', StringValue: expect.stringMatching(/^[\da-f-]{36}$/) },
      ErrorCode: { DataType: 'Number', StringValue: '200' },
      ErrorMessage: { DataType: 'String', StringValue: 'not today' },
    });
  });

  it('receives the event that a rule cannot deliver', async () => {
    const target = 'arn:aws:lambda:us-east-1:000000000000:function:gone';
    const cloud = await start(fixture({ Rule: rule({ Arn: target, DeadLetterConfig: { Arn: Dead } }) }));
    await cloud.fireRule('daily', new Date());
    const message = await nextMessage(cloud, 'app-queue');
    expect(JSON.parse(message.Body ?? '')).toMatchObject({ 'detail-type': 'Scheduled Event' });
    expect(message.MessageAttributes).toMatchObject({
      RULE_ARN: { StringValue: 'arn:aws:events:us-east-1:000000000000:rule/daily' },
      TARGET_ARN: { StringValue: target },
      ERROR_CODE: { StringValue: 'NO_RESOURCE' },
    });
  });
});
