import { Duration, Validations } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENV } from '../functions/shared/contract/environment.ts';
import { GITHUB_PARTITION, resourceNames } from '../functions/shared/contract/names.ts';
import { acknowledgeDeadLetterQueue } from './dead-letter-queue.ts';
import type { Shared } from './shared.ts';
import { SyncFunction, TIMEOUTS } from './sync-function.ts';
import { grantSynchronization, synchronizerEnvironment } from './synchronizer-function.ts';

// AWS advises six times the timeout, so that Lambda can retry a throttled invocation before messages become visible again.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
const VISIBILITY_TIMEOUT = Duration.seconds(6 * TIMEOUTS.deliveries.toSeconds());

/** The queue of GitHub's deliveries, the function that synchronizes their items, and what it could not handle. */
export class Deliveries extends Construct {
  readonly queue: Queue;
  /** An alarm fires when it is not empty. */
  readonly failed: Queue;

  constructor(scope: Construct, id: string, shared: Shared) {
    super(scope, id);
    const names = resourceNames(shared.settings.stage);
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
    const worker = this.createWorker(shared);
    worker.addEventSourceMapping('Deliveries', {
      eventSourceArn: this.queue.queueArn,
      // One GraphQL query asks for 100 repositories.
      batchSize: 100,
      maxBatchingWindow: Duration.seconds(1),
      // The smallest value that Lambda accepts. GitHub's limits allow no more.
      maxConcurrency: 2,
      reportBatchItemFailures: true,
    });
  }

  private createWorker(shared: Shared): SyncFunction {
    const { settings, tables } = shared;
    const worker = new SyncFunction(this, 'SynchronizeDeliveries', {
      shared,
      name: 'synchronize-deliveries',
      timeout: TIMEOUTS.deliveries,
      environment: {
        ...synchronizerEnvironment(shared),
        [ENV.jobExecutionsTable]: tables.jobExecutions.tableName,
        [ENV.deliveryQueueUrl]: this.queue.queueUrl,
        [ENV.ignoredRepositories]: settings.ignoredRepositories,
        [ENV.removalEnabled]: settings.removalEnabled,
        [ENV.removalLimitPercent]: String(settings.removalLimitPercent),
        [ENV.dryRunOnly]: settings.dryRunOnly,
      },
    });
    worker.grantQueue(this.queue, [
      'ReceiveMessage',
      'DeleteMessage',
      'GetQueueAttributes',
      'ChangeMessageVisibility',
    ]);
    grantSynchronization(worker, shared);
    // Whether a run is in progress, how large the bank is, and how long nothing may be sent to GitHub.
    worker.grantTable(tables.jobExecutions, ['GetItem']);
    worker.grantPartition(tables.jobExecutions, GITHUB_PARTITION, ['UpdateItem']);
    Validations.of(worker).acknowledge({
      id: 'Serverless-LambdaEventSourceMappingDestination',
      reason: 'The queue has a dead-letter queue.',
    });
    return worker;
  }
}
