import { ArnFormat, type Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ENV, type EnvName } from '../functions/shared/contract/environment.ts';
import type { WorkflowFunctionName } from '../functions/shared/contract/functions.ts';
import { resourceNames } from '../functions/shared/contract/names.ts';
import { anyExecution } from './acknowledgements.ts';
import type { Shared } from './shared.ts';
import { SyncFunction, TIMEOUTS } from './sync-function.ts';
import { githubEnvironment, maySynchronize, synchronizerEnvironment } from './synchronizer.ts';

type Environment = Partial<Record<EnvName, string>>;

interface Needs {
  name: WorkflowFunctionName;
  timeout: Duration;
  environment?: Environment;
  /** DynamoDB actions on the JobExecutions table; a transaction needs those of its parts. */
  records: readonly string[];
}

/** The functions behind the states of the state machine, each allowed what it calls and no more. */
export class WorkflowFunctions extends Construct {
  readonly beginExecution: SyncFunction;
  readonly listItemBankIds: SyncFunction;
  readonly synchronizeBatch: SyncFunction;
  readonly createWebhooks: SyncFunction;
  readonly removeDeletedItems: SyncFunction;
  readonly completeExecution: SyncFunction;
  readonly failExecution: SyncFunction;
  private readonly shared: Shared;

  constructor(scope: Construct, id: string, shared: Shared) {
    super(scope, id);
    this.shared = shared;
    const { settings, githubSecret, tables, changeEvents } = shared;
    const synchronizer = synchronizerEnvironment(shared);
    const ignored: Environment = { [ENV.ignoredRepositories]: settings.ignoredRepositories };
    this.beginExecution = this.create('BeginExecution', {
      name: 'begin-execution',
      timeout: TIMEOUTS.record,
      environment: {
        [ENV.runDeadlineHours]: String(settings.runDeadlineHours),
        [ENV.dryRunOnly]: settings.dryRunOnly,
      },
      records: ['GetItem', 'PutItem', 'UpdateItem'],
    });
    this.mayAskForExecutions(this.beginExecution);
    this.listItemBankIds = this.create('ListItemBankIds', {
      name: 'list-item-bank-ids',
      timeout: TIMEOUTS.work,
      environment: { ...githubEnvironment(shared), ...ignored },
      records: ['GetItem', 'PutItem', 'UpdateItem', 'BatchWriteItem'],
    });
    this.listItemBankIds.mayRead(githubSecret);
    this.synchronizeBatch = this.create('SynchronizeBatch', {
      name: 'synchronize-batch',
      timeout: TIMEOUTS.work,
      environment: synchronizer,
      records: ['GetItem', 'PutItem', 'UpdateItem', 'BatchWriteItem'],
    });
    maySynchronize(this.synchronizeBatch, shared);
    this.createWebhooks = this.create('CreateWebhooks', {
      name: 'create-webhooks',
      timeout: TIMEOUTS.work,
      environment: {
        ...githubEnvironment(shared),
        [ENV.projectWebhookUrl]: settings.projectWebhookUrl,
        [ENV.itemsTable]: tables.items.tableName,
      },
      records: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem'],
    });
    this.createWebhooks.mayUse(tables.items, ['UpdateItem']);
    this.createWebhooks.mayRead(githubSecret);
    this.removeDeletedItems = this.create('RemoveDeletedItems', {
      name: 'remove-deleted-items',
      timeout: TIMEOUTS.work,
      environment: {
        ...synchronizer,
        ...ignored,
        [ENV.removalEnabled]: settings.removalEnabled,
        [ENV.removalLimitPercent]: String(settings.removalLimitPercent),
      },
      records: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'BatchWriteItem'],
    });
    maySynchronize(this.removeDeletedItems, shared);
    this.removeDeletedItems.mayUseIndexes(tables.items, 'Scan', ['byRepository']);
    this.completeExecution = this.create('CompleteExecution', {
      name: 'complete-execution',
      timeout: TIMEOUTS.work,
      environment: { [ENV.changeEventBus]: changeEvents.eventBusName },
      records: ['GetItem', 'BatchGetItem', 'Query', 'UpdateItem'],
    });
    this.completeExecution.mayAnnounce(changeEvents);
    this.failExecution = this.create('FailExecution', {
      name: 'fail-execution',
      timeout: TIMEOUTS.record,
      environment: { [ENV.changeEventBus]: changeEvents.eventBusName },
      records: ['GetItem', 'UpdateItem'],
    });
    this.failExecution.mayAnnounce(changeEvents);
  }

  private create(id: string, { name, timeout, environment, records }: Needs): SyncFunction {
    const { tables } = this.shared;
    const created = new SyncFunction(this, id, {
      shared: this.shared,
      name,
      timeout,
      environment: { [ENV.jobExecutionsTable]: tables.jobExecutions.tableName, ...environment },
    });
    created.mayUse(tables.jobExecutions, records);
    return created;
  }

  // The state machine needs this function before it can exist, so its executions are named rather than referred to.
  private mayAskForExecutions(asking: SyncFunction): void {
    const { stateMachine } = resourceNames(this.shared.settings.stage);
    const executions = Stack.of(this).formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${stateMachine}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    asking.addToRolePolicy(
      new PolicyStatement({ actions: ['states:DescribeExecution'], resources: [executions] }),
    );
    asking.acknowledgeWildcards('An execution gets its name when it is started.', [
      anyExecution(stateMachine),
    ]);
  }
}
