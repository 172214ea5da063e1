import { type Duration, Validations } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { ENV, type EnvName } from '../functions/shared/contract/environment.ts';
import type { FunctionName } from '../functions/shared/contract/functions.ts';
import { ITEM_INDEXES, resourceNames } from '../functions/shared/contract/names.ts';
import { acknowledgeWildcards } from './acknowledgements.ts';
import type { Shared } from './shared.ts';

export type Environment = Partial<Record<EnvName, string>>;

type ItemIndex = keyof typeof ITEM_INDEXES;

export interface SyncFunctionProps {
  shared: Pick<Shared, 'settings' | 'log' | 'bundles'>;
  name: FunctionName;
  environment: Environment;
  timeout: Duration;
  /** How many invocations may run at the same time, set aside from the concurrency of the account. */
  reservedConcurrency?: number;
  /** Receives the events that a function failed to handle on every attempt. Only for functions that events invoke. */
  deadLetterQueue?: Queue;
}

/**
 * Makes glibc return freed memory to the system: one arena for all threads, and a fixed threshold of 128 KiB above which
 * memory is returned at once. A worker that reads many files
 * of 1 MB needs about 30 MB less (npm run bench -- --histories).
 */
const MEMORY_ALLOCATION = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072' };

/** A Lambda function with a role of its own that may write the run log, and nothing else yet. */
export class SyncFunction extends LambdaFunction {
  private readonly ownRole: Role;

  constructor(scope: Construct, id: string, props: SyncFunctionProps) {
    const { shared, name, environment, timeout, reservedConcurrency, deadLetterQueue } = props;
    const { settings, log, bundles } = shared;
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [log.logGroupArn],
      }),
    );
    super(scope, id, {
      functionName: resourceNames(settings.stage).function(name),
      code: Code.fromAsset(bundles(name)),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 512,
      timeout,
      role,
      ...(deadLetterQueue && { deadLetterQueue }),
      ...(reservedConcurrency !== undefined && { reservedConcurrentExecutions: reservedConcurrency }),
      tracing: Tracing.ACTIVE,
      logGroup: log,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel[settings.logLevel],
      // START, END and REPORT lines would clutter the log of a run.
      systemLogLevelV2: SystemLogLevel.WARN,
      environment: {
        ...environment,
        POWERTOOLS_SERVICE_NAME: name,
        NODE_OPTIONS: '--enable-source-maps',
        ...MEMORY_ALLOCATION,
      },
    });
    this.ownRole = role;
    this.acknowledgeWildcards('The actions of X-Ray support no resources.', ['*']);
    if (!deadLetterQueue) {
      Validations.of(this).acknowledge({
        id: 'Serverless-LambdaDLQ',
        reason: 'The caller waits for the function and receives its error.',
      });
    }
  }

  /** Allows DynamoDB actions, such as `GetItem`, on a table. */
  grantTable(table: Table, actions: readonly string[]): void {
    this.addToRolePolicy(
      new PolicyStatement({
        actions: actions.map((action) => `dynamodb:${action}`),
        resources: [table.tableArn],
      }),
    );
  }

  /** Allows DynamoDB actions on the rows of one partition of a table, which is named by its key. */
  grantPartition(table: Table, partition: string, actions: readonly string[]): void {
    this.addToRolePolicy(
      new PolicyStatement({
        actions: actions.map((action) => `dynamodb:${action}`),
        resources: [table.tableArn],
        conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [partition] } },
      }),
    );
  }

  /** Allows an action, such as `Query`, on indexes of a table. */
  grantIndexes(table: Table, action: string, indexes: readonly ItemIndex[]): void {
    this.addToRolePolicy(
      new PolicyStatement({
        actions: [`dynamodb:${action}`],
        resources: indexes.map((index) => `${table.tableArn}/index/${ITEM_INDEXES[index].name}`),
      }),
    );
  }

  /** Allows publishing events on a bus. */
  grantPublish(bus: EventBus): void {
    this.addToRolePolicy(
      new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus.eventBusArn] }),
    );
  }

  /** Gives a function that ends runs what it needs to report the end. */
  grantReports({ settings, changeEvents, runTopic, tables }: Shared): void {
    this.addEnvironment(ENV.stage, settings.stage);
    this.addEnvironment(ENV.changeEventBus, changeEvents.eventBusName);
    this.addEnvironment(ENV.runTopicArn, runTopic.topicArn);
    this.grantPublish(changeEvents);
    this.addToRolePolicy(new PolicyStatement({ actions: ['sns:Publish'], resources: [runTopic.topicArn] }));
    // What the run did to single items.
    this.grantTable(tables.jobExecutions, ['Query']);
  }

  /** Allows SQS actions, such as `SendMessage`, on a queue. */
  grantQueue(queue: Queue, actions: readonly string[]): void {
    this.addToRolePolicy(
      new PolicyStatement({
        actions: actions.map((action) => `sqs:${action}`),
        resources: [queue.queueArn],
      }),
    );
  }

  grantSecretRead({ secretArn }: Secret): void {
    this.addToRolePolicy(
      new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secretArn] }),
    );
  }

  /** Acknowledges cdk-nag's findings about these resources with a wildcard in the role of the function. */
  acknowledgeWildcards(reason: string, resources: readonly string[]): void {
    acknowledgeWildcards(this.ownRole, reason, resources);
  }
}
