import { Duration, Validations } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ENV } from '../functions/shared/contract/environment.ts';
import { GITHUB_PARTITION } from '../functions/shared/contract/names.ts';
import type { Shared } from './shared.ts';
import { SyncFunction } from './sync-function.ts';
import { grantSynchronization, synchronizerEnvironment } from './synchronizer-function.ts';
import { TIMEOUTS } from './timeouts.ts';

/** The function that synchronizes the items of deliveries. */
export class Deliveries extends Construct {
  constructor(scope: Construct, id: string, shared: Shared) {
    super(scope, id);
    this.createWorker(shared).addEventSourceMapping('Deliveries', {
      eventSourceArn: shared.deliveryQueues.queue.queueArn,
      // One GraphQL query asks for 100 repositories.
      batchSize: 100,
      maxBatchingWindow: Duration.seconds(1),
      // The smallest value that Lambda accepts. GitHub's limits allow no more.
      maxConcurrency: 2,
      reportBatchItemFailures: true,
    });
  }

  private createWorker(shared: Shared): SyncFunction {
    const { settings, tables, deliveryQueues } = shared;
    const worker = new SyncFunction(this, 'SynchronizeDeliveries', {
      shared,
      name: 'synchronize-deliveries',
      timeout: TIMEOUTS.deliveries,
      environment: {
        ...synchronizerEnvironment(shared),
        [ENV.stage]: settings.stage,
        [ENV.jobExecutionsTable]: tables.jobExecutions.tableName,
        [ENV.deliveryQueueUrl]: deliveryQueues.queue.queueUrl,
        [ENV.ignoredRepositories]: settings.ignoredRepositories,
        [ENV.removalEnabled]: settings.removalEnabled,
        [ENV.removalLimitPercent]: String(settings.removalLimitPercent),
        [ENV.dryRunOnly]: settings.dryRunOnly,
      },
    });
    worker.grantQueue(deliveryQueues.queue, [
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
