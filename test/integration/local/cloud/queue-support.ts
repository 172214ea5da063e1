import { GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Cloud } from '../../../../local/cloud/cloud.ts';
import { type Fixture, type FixtureResource, lambdaFunction } from '../../../support/cloud/assembly.ts';
import { AWS } from '../../../support/cloud/clouds.ts';
import { eventually } from '../../../support/eventually.ts';

export const queue = (QueueName: string, more: object = {}): FixtureResource => ({
  Type: 'AWS::SQS::Queue',
  Properties: { QueueName, ...more },
});

const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

/** A queue, its dead-letter queue, and a function with this source that reads it. */
export const readerFixture = (source: string, mapping: object = {}, more: object = {}): Fixture => ({
  resources: {
    Dead: queue('dead'),
    Work: queue('work', {
      RedrivePolicy: { deadLetterTargetArn: arnOf('Dead'), maxReceiveCount: 2 },
    }),
    Reader: lambdaFunction('reader', { FunctionName: 'reader', Timeout: 1, ...more }),
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: { EventSourceArn: arnOf('Work'), FunctionName: { Ref: 'Reader' }, ...mapping },
    },
  },
  assets: { reader: source },
});

export const sqs = (cloud: Cloud) => new SQSClient({ ...AWS, endpoint: cloud.awsEndpoint });

/** The URL of a queue, as a function would read it from its environment. */
export const urlOf = (cloud: Cloud, name: string) => `${cloud.awsEndpoint}/000000000000/${name}`;

/** How many messages a queue has: visible ones, and those that are being handled. */
export async function countsOf(cloud: Cloud, name: string): Promise<{ visible: number; inFlight: number }> {
  const { Attributes = {} } = await sqs(cloud).send(
    new GetQueueAttributesCommand({ QueueUrl: urlOf(cloud, name), AttributeNames: ['All'] }),
  );
  return {
    visible: Number(Attributes['ApproximateNumberOfMessages']),
    inFlight: Number(Attributes['ApproximateNumberOfMessagesNotVisible']),
  };
}

/** The next message of a queue. */
export const nextMessage = (cloud: Cloud, name: string) =>
  eventually(async () => {
    const { Messages = [] } = await sqs(cloud).send(
      new ReceiveMessageCommand({
        QueueUrl: urlOf(cloud, name),
        WaitTimeSeconds: 20,
        MessageAttributeNames: ['All'],
      }),
    );
    return Messages[0];
  });
