import { ArnFormat, type Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ENV } from '../functions/shared/contract/environment.ts';
import type { WorkflowFunctionName } from '../functions/shared/contract/functions.ts';
import { resourceNames } from '../functions/shared/contract/names.ts';
import { anyExecution } from './acknowledgements.ts';
import type { Shared } from './shared.ts';
import { type Environment, SyncFunction } from './sync-function.ts';
import { githubEnvironment, grantSynchronization, synchronizerEnvironment } from './synchronizer-function.ts';
import { TIMEOUTS } from './timeouts.ts';

interface WorkflowFunctionProps {
  name: WorkflowFunctionName;
  timeout: Duration;
  environment?: Environment;
  /** DynamoDB actions on the JobExecutions table. A transaction needs the actions of its parts. */
  jobExecutionActions: readonly string[];
}

/** The functions that the state machine invokes, each with the permissions that it uses and no others. */
export class WorkflowFunctions extends Construct {
  readonly beginExecution: SyncFunction;
  readonly listItemBankIds: SyncFunction;
  readonly synchronizeBatch: SyncFunction;
  readonly failBatch: SyncFunction;
  readonly createWebhooks: SyncFunction;
  readonly removeDeletedItems: SyncFunction;
  readonly completeExecution: SyncFunction;
  readonly failExecution: SyncFunction;
  private readonly shared: Shared;

  constructor(scope: Construct, id: string, shared: Shared) {
    super(scope, id);
    this.shared = shared;
    const { settings, githubSecret, tables, deliveryQueues } = shared;
    const synchronizer = synchronizerEnvironment(shared);
    const ignored: Environment = { [ENV.ignoredRepositories]: settings.ignoredRepositories };
    this.beginExecution = this.create('BeginExecution', {
      name: 'begin-execution',
      timeout: TIMEOUTS.record,
      environment: {
        [ENV.runDeadlineHours]: String(settings.runDeadlineHours),
        [ENV.dryRunOnly]: settings.dryRunOnly,
      },
      jobExecutionActions: ['GetItem', 'PutItem', 'UpdateItem'],
    });
    this.grantDescribeExecution(this.beginExecution);
    // Of a run whose lock is taken over.
    this.beginExecution.grantReports(shared);
    this.listItemBankIds = this.create('ListItemBankIds', {
      name: 'list-item-bank-ids',
      timeout: TIMEOUTS.work,
      environment: {
        ...githubEnvironment(shared),
        ...ignored,
        [ENV.redeliverFailedDeliveries]: settings.redeliverFailedDeliveries,
      },
      // A restart reads the rows of the run that it restarts.
      jobExecutionActions: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'BatchWriteItem'],
    });
    this.listItemBankIds.grantSecretRead(githubSecret);
    this.synchronizeBatch = this.create('SynchronizeBatch', {
      name: 'synchronize-batch',
      timeout: TIMEOUTS.work,
      environment: {
        ...synchronizer,
        [ENV.deliveryQueueUrl]: deliveryQueues.queue.queueUrl,
        [ENV.failedDeliveryQueueUrl]: deliveryQueues.failed.queueUrl,
      },
      jobExecutionActions: ['GetItem', 'PutItem', 'UpdateItem', 'BatchWriteItem'],
    });
    grantSynchronization(this.synchronizeBatch, shared);
    // Whether deliveries wait to be handled.
    for (const queue of [deliveryQueues.queue, deliveryQueues.failed]) {
      this.synchronizeBatch.grantQueue(queue, ['GetQueueAttributes']);
    }
    this.failBatch = this.create('FailBatch', {
      name: 'fail-batch',
      timeout: TIMEOUTS.record,
      environment: { [ENV.itemsTable]: tables.items.tableName },
      jobExecutionActions: ['GetItem', 'PutItem', 'BatchWriteItem'],
    });
    this.failBatch.grantTable(tables.items, ['UpdateItem']);
    this.createWebhooks = this.create('CreateWebhooks', {
      name: 'create-webhooks',
      timeout: TIMEOUTS.work,
      environment: {
        ...githubEnvironment(shared),
        [ENV.projectWebhookUrl]: settings.projectWebhookUrl,
        [ENV.itemsTable]: tables.items.tableName,
      },
      jobExecutionActions: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem'],
    });
    this.createWebhooks.grantTable(tables.items, ['UpdateItem']);
    this.createWebhooks.grantSecretRead(githubSecret);
    this.removeDeletedItems = this.create('RemoveDeletedItems', {
      name: 'remove-deleted-items',
      timeout: TIMEOUTS.work,
      environment: {
        ...synchronizer,
        ...ignored,
        [ENV.removalEnabled]: settings.removalEnabled,
        [ENV.removalLimitPercent]: String(settings.removalLimitPercent),
      },
      jobExecutionActions: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'BatchWriteItem'],
    });
    grantSynchronization(this.removeDeletedItems, shared);
    this.removeDeletedItems.grantIndexes(tables.items, 'Scan', ['byRepository']);
    this.completeExecution = this.create('CompleteExecution', {
      name: 'complete-execution',
      timeout: TIMEOUTS.work,
      environment: { [ENV.itemsTable]: tables.items.tableName },
      jobExecutionActions: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'BatchWriteItem'],
    });
    // The rows of failed items say how long the mirror has not followed them.
    this.completeExecution.grantTable(tables.items, ['BatchGetItem', 'UpdateItem']);
    this.completeExecution.grantReports(shared);
    this.failExecution = this.create('FailExecution', {
      name: 'fail-execution',
      timeout: TIMEOUTS.record,
      jobExecutionActions: ['GetItem', 'UpdateItem'],
    });
    this.failExecution.grantReports(shared);
  }

  private create(
    id: string,
    { name, timeout, environment, jobExecutionActions }: WorkflowFunctionProps,
  ): SyncFunction {
    const { tables } = this.shared;
    const lambdaFunction = new SyncFunction(this, id, {
      shared: this.shared,
      name,
      timeout,
      environment: { [ENV.jobExecutionsTable]: tables.jobExecutions.tableName, ...environment },
    });
    lambdaFunction.grantTable(tables.jobExecutions, jobExecutionActions);
    return lambdaFunction;
  }

  // The state machine depends on this function, so its executions are named instead of referenced.
  private grantDescribeExecution(lambdaFunction: SyncFunction): void {
    const { stateMachine } = resourceNames(this.shared.settings.stage);
    const executions = Stack.of(this).formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${stateMachine}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    lambdaFunction.addToRolePolicy(
      new PolicyStatement({ actions: ['states:DescribeExecution'], resources: [executions] }),
    );
    lambdaFunction.acknowledgeWildcards('The name of an execution is chosen when it is started.', [
      anyExecution(stateMachine),
    ]);
  }
}
