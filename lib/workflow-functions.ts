import { ArnFormat, type Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ENV, type EnvName, resourceNames, type WorkflowEntryPoint } from '../functions/contract.ts';
import { anyExecution } from './acknowledgements.ts';
import type { Shared } from './shared.ts';
import { SyncFunction, TIMEOUTS } from './sync-function.ts';

type Environment = Partial<Record<EnvName, string>>;

interface Needs {
  name: WorkflowEntryPoint;
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
  readonly completeExecution: SyncFunction;
  readonly failExecution: SyncFunction;
  private readonly shared: Shared;

  constructor(scope: Construct, id: string, shared: Shared) {
    super(scope, id);
    this.shared = shared;
    const { settings, githubSecret } = shared;
    const github: Environment = {
      [ENV.githubOrganization]: settings.organization,
      [ENV.githubApiUrl]: settings.githubApiUrl,
      [ENV.githubSecretId]: githubSecret.secretArn,
    };
    const webhooks: Environment = { ...github, [ENV.projectWebhookUrl]: settings.projectWebhookUrl };
    this.beginExecution = this.create('BeginExecution', {
      name: 'begin-execution',
      timeout: TIMEOUTS.record,
      environment: { [ENV.runDeadlineHours]: String(settings.runDeadlineHours) },
      records: ['GetItem', 'PutItem', 'UpdateItem'],
    });
    this.mayAskForExecutions(this.beginExecution);
    this.listItemBankIds = this.create('ListItemBankIds', {
      name: 'list-item-bank-ids',
      timeout: TIMEOUTS.work,
      environment: { ...github, [ENV.ignoredRepositories]: settings.ignoredRepositories },
      records: ['GetItem', 'PutItem', 'BatchWriteItem'],
    });
    this.synchronizeBatch = this.create('SynchronizeBatch', {
      name: 'synchronize-batch',
      timeout: TIMEOUTS.work,
      environment: webhooks,
      records: ['GetItem', 'PutItem', 'UpdateItem', 'BatchWriteItem'],
    });
    this.createWebhooks = this.create('CreateWebhooks', {
      name: 'create-webhooks',
      timeout: TIMEOUTS.work,
      environment: webhooks,
      records: ['GetItem', 'BatchGetItem', 'UpdateItem'],
    });
    for (const worker of [this.listItemBankIds, this.synchronizeBatch, this.createWebhooks]) {
      worker.addToRolePolicy(
        new PolicyStatement({
          actions: ['secretsmanager:GetSecretValue'],
          resources: [githubSecret.secretArn],
        }),
      );
    }
    this.completeExecution = this.create('CompleteExecution', {
      name: 'complete-execution',
      timeout: TIMEOUTS.work,
      records: ['GetItem', 'BatchGetItem', 'Query', 'UpdateItem'],
    });
    this.failExecution = this.create('FailExecution', {
      name: 'fail-execution',
      timeout: TIMEOUTS.record,
      records: ['GetItem', 'UpdateItem'],
    });
  }

  private create(id: string, { name, timeout, environment, records }: Needs): SyncFunction {
    const { settings, log, tables } = this.shared;
    const created = new SyncFunction(this, id, {
      settings,
      log,
      folder: 'workflow',
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
