import { Duration, Validations } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { resourceNames } from '../functions/shared/contract/names.ts';
import type { Settings } from './settings.ts';

/**
 * Where an event of a rule ends that EventBridge could not hand to its function, or whose function failed each time.
 * Nothing reads it but people, whom an alarm tells.
 */
export class UndeliveredEvents extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, { stage }: Settings) {
    super(scope, id);
    this.queue = new Queue(this, 'Queue', {
      queueName: resourceNames(stage).undeliveredQueue,
      // The longest that there is.
      retentionPeriod: Duration.days(14),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    const reason = 'It is where undelivered events end. Nothing takes them out of it that could fail.';
    for (const rule of ['AwsSolutions-SQS3', 'Serverless-SQSRedrivePolicy']) {
      Validations.of(this.queue).acknowledge({ id: rule, reason });
    }
  }
}
