import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CreateTopicCommand, PublishCommand, type PublishCommandInput, SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../local/cloud/cloud.ts';
import type { Fixture } from '../../../support/cloud/assembly.ts';
import { AWS, clouds } from '../../../support/cloud/clouds.ts';

const start = clouds();
const ARN = 'arn:aws:sns:us-east-1:000000000000:app-topic';

const fixture = (properties: object = {}): Fixture => ({
  resources: {
    Topic: {
      Type: 'AWS::SNS::Topic',
      Properties: { TopicName: 'app-topic', DisplayName: 'An app', KmsMasterKeyId: 'a-key', ...properties },
    },
    Policy: { Type: 'AWS::SNS::TopicPolicy', Properties: { Topics: [{ Ref: 'Topic' }] } },
    Subscription: { Type: 'AWS::SNS::Subscription', Properties: { TopicArn: { Ref: 'Topic' } } },
  },
  outputs: {
    Ref: { Value: { Ref: 'Topic' } },
    Arn: { Value: { 'Fn::GetAtt': ['Topic', 'TopicArn'] } },
    Name: { Value: { 'Fn::GetAtt': ['Topic', 'TopicName'] } },
  },
});

const sns = ({ awsEndpoint }: Cloud) => new SNSClient({ ...AWS, endpoint: awsEndpoint });
const publish = (cloud: Cloud, input: Partial<PublishCommandInput>) =>
  sns(cloud).send(new PublishCommand({ TopicArn: ARN, Message: '{}', ...input }));

describe('a topic', () => {
  it('has the ARN that it has on AWS', async () => {
    const { outputs } = await start(fixture());
    expect(outputs).toEqual({ Ref: ARN, Arn: ARN, Name: 'app-topic' });
  });

  it('records what is published, for a person to read', async () => {
    const cloud = await start(fixture());
    const text = '{"text": "a & b < c, 電子"}';
    const { MessageId } = await publish(cloud, { Subject: 'A subject & more', Message: text });
    await publish(cloud, { Message: 'second' });
    const file = path.join(cloud.stateFolder, 'topics', 'app-topic.jsonl');
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { MessageId, TopicArn: ARN, Subject: 'A subject & more', Message: text },
      { Message: 'second' },
    ]);
  });

  it.each([
    ['a subject of 100 characters', { Subject: 'x'.repeat(100) }],
    ['a subject of two lines', { Subject: 'a\nb' }],
    ['a message of more than 256 KiB', { Message: 'x'.repeat(262_145) }],
    [
      'attributes, which are not supported here',
      { MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } } },
    ],
  ])('refuses %s', async (_, input) => {
    await expect(publish(await start(fixture()), input)).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });

  it('refuses an unknown topic, and other operations by name', async () => {
    const cloud = await start(fixture());
    await expect(publish(cloud, { TopicArn: `${ARN}-2` })).rejects.toMatchObject({
      name: 'NotFoundException',
    });
    await expect(sns(cloud).send(new CreateTopicCommand({ Name: 'another' }))).rejects.toThrow(
      'sns.CreateTopic is not supported here.',
    );
  });

  it('is refused with the name of a property that is not supported', async () => {
    await expect(start(fixture({ FifoTopic: true }))).rejects.toMatchObject({
      faults: ['Topic: AWS::SNS::Topic property FifoTopic is not supported here'],
    });
  });
});
