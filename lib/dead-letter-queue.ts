import { Duration, Validations } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { resourceNames } from '../functions/shared/contract/names.ts';
import type { Settings } from './settings.ts';

/**
 * Receives the events that EventBridge could not deliver to a function, and those that a function failed to handle on
 * every attempt. An alarm fires when it is not empty.
 */
export class DeadLetterQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, { stage }: Settings) {
    super(scope, id);
    this.queue = new Queue(this, 'Queue', {
      queueName: resourceNames(stage).undeliveredQueue,
      // SQS keeps no message longer.
      retentionPeriod: Duration.days(14),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    acknowledgeDeadLetterQueue(this.queue);
  }
}

/** Acknowledges cdk-nag's findings about a dead-letter queue, which has none itself. */
export function acknowledgeDeadLetterQueue(queue: Queue): void {
  const reason = 'This is the dead-letter queue. No consumer takes messages from it that could fail.';
  for (const rule of ['AwsSolutions-SQS3', 'Serverless-SQSRedrivePolicy']) {
    Validations.of(queue).acknowledge({ id: rule, reason });
  }
}
