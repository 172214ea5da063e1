import { join } from 'node:path';
import { Duration, Validations } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { EnvName } from '../functions/shared/contract/environment.ts';
import type { FunctionName } from '../functions/shared/contract/functions.ts';
import { ITEM_INDEXES, resourceNames } from '../functions/shared/contract/names.ts';
import { acknowledgeWildcards } from './acknowledgements.ts';
import type { Settings } from './settings.ts';

export interface SyncFunctionProps {
  settings: Settings;
  log: ILogGroup;
  /** Where the entry point is, below `functions`. */
  folder: 'api' | 'workflow';
  name: FunctionName;
  environment: Partial<Record<EnvName, string>>;
  timeout: Duration;
  /** Of a function that events invoke: where an event goes that it failed to handle each time. */
  undelivered?: Queue;
}

type ItemIndex = keyof typeof ITEM_INDEXES;

const ROOT = join(import.meta.dirname, '..');
// CommonJS packages in a bundle call require, which ES modules do not have.
const REQUIRE =
  "import { createRequire as createRequire_ } from 'node:module'; const require = createRequire_(import.meta.url);";

/**
 * What the AWS SDK imports once it needs it, and never does here: Lambda hands a function's credentials over in
 * environment variables, and nothing that is called streams events. docs/decisions/0010 has the rest.
 */
const NEVER_LOADED = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
  '@smithy/core/event-streams',
];

/** One entry point, bundled, with a role of its own that may write its log and nothing else yet. */
export class SyncFunction extends NodejsFunction {
  private readonly ownRole: Role;

  constructor(scope: Construct, id: string, props: SyncFunctionProps) {
    const { settings, log, folder, name, environment, timeout, undelivered } = props;
    const role = roleThatWrites(scope, `${id}Role`, log);
    super(scope, id, {
      functionName: resourceNames(settings.stage).function(name),
      entry: join(ROOT, 'functions/handlers', `${name}.ts`),
      projectRoot: ROOT,
      depsLockFilePath: join(ROOT, 'package-lock.json'),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 512,
      timeout,
      role,
      ...(undelivered && { deadLetterQueue: undelivered }),
      tracing: Tracing.ACTIVE,
      logGroup: log,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel[settings.logLevel],
      // The story of a run is not to be read between START, END and REPORT lines.
      systemLogLevelV2: SystemLogLevel.WARN,
      environment: {
        ...environment,
        POWERTOOLS_SERVICE_NAME: name,
        NODE_OPTIONS: '--enable-source-maps',
      },
      bundling: {
        format: OutputFormat.ESM,
        mainFields: ['module', 'main'],
        target: 'node24',
        minify: true,
        sourceMap: true,
        sourcesContent: false,
        bundleAwsSDK: true,
        externalModules: NEVER_LOADED,
        // Licences go along in a file of their own.
        esbuildArgs: { '--legal-comments': 'external' },
        banner: REQUIRE,
      },
    });
    this.ownRole = role;
    this.acknowledgeWildcards('X-Ray has no resource to name.', ['*']);
    if (!undelivered) {
      Validations.of(this).acknowledge({
        id: 'Serverless-LambdaDLQ',
        reason: 'Who invokes the function waits for its answer, and gets its error.',
      });
    }
  }

  /** Allows DynamoDB actions, such as `GetItem`, on a table. */
  mayUse(table: Table, actions: readonly string[]): void {
    this.addToRolePolicy(
      new PolicyStatement({
        actions: actions.map((action) => `dynamodb:${action}`),
        resources: [table.tableArn],
      }),
    );
  }

  /** Allows an action, such as `Query`, on indexes of a table. */
  mayUseIndexes(table: Table, action: string, indexes: readonly ItemIndex[]): void {
    this.addToRolePolicy(
      new PolicyStatement({
        actions: [`dynamodb:${action}`],
        resources: indexes.map((index) => `${table.tableArn}/index/${ITEM_INDEXES[index].name}`),
      }),
    );
  }

  /** Allows telling of changes. */
  mayAnnounce(bus: EventBus): void {
    this.addToRolePolicy(
      new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus.eventBusArn] }),
    );
  }

  /** Allows reading a secret. */
  mayRead({ secretArn }: Secret): void {
    this.addToRolePolicy(
      new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secretArn] }),
    );
  }

  /** Says why the function's role has these resources with a wildcard. */
  acknowledgeWildcards(why: string, resources: readonly string[]): void {
    acknowledgeWildcards(this.ownRole, why, resources);
  }
}

function roleThatWrites(scope: Construct, id: string, log: ILogGroup): Role {
  const role = new Role(scope, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  role.addToPolicy(
    new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [log.logGroupArn],
    }),
  );
  return role;
}

/** API Gateway waits 29 s for an answer and 10 s for an authorizer; a function that is late is of no use to it. */
export const TIMEOUTS = {
  authorizer: Duration.seconds(10),
  answer: Duration.seconds(28),
  record: Duration.minutes(1),
  /** Lambda's longest. What takes longer is continued by another invocation. */
  work: Duration.minutes(15),
};
