import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { resourceNames } from '../functions/shared/contract/names.ts';
import { acknowledgeDeadLetterQueue } from './dead-letter-queue.ts';
import type { Settings } from './settings.ts';
import { TIMEOUTS } from './timeouts.ts';

// AWS advises six times the timeout, so that Lambda can retry a throttled invocation before messages become visible again.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
const VISIBILITY_TIMEOUT = Duration.seconds(6 * TIMEOUTS.deliveries.toSeconds());

/** The queue of GitHub's deliveries, and its dead-letter queue. */
export class DeliveryQueues extends Construct {
  readonly queue: Queue;
  /** An alarm fires when it is not empty. */
  readonly failed: Queue;

  constructor(scope: Construct, id: string, { stage }: Settings) {
    super(scope, id);
    const names = resourceNames(stage);
    const common = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
    this.failed = new Queue(this, 'Failed', {
      ...common,
      queueName: names.failedDeliveryQueue,
      // SQS keeps no message longer.
      retentionPeriod: Duration.days(14),
    });
    acknowledgeDeadLetterQueue(this.failed);
    this.queue = new Queue(this, 'Queue', {
      ...common,
      queueName: names.deliveryQueue,
      retentionPeriod: Duration.days(4),
      visibilityTimeout: VISIBILITY_TIMEOUT,
      deadLetterQueue: { queue: this.failed, maxReceiveCount: 10 },
    });
  }
}
