import { CfnResource, Duration, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnStage,
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  type HttpRoute,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { type IMetric, MathExpression, type Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ENV } from '../functions/shared/contract/environment.ts';
import { GITHUB_PARTITION, resourceNames } from '../functions/shared/contract/names.ts';
import { ROUTES } from '../functions/shared/contract/routes.ts';
import { ExecutionControl } from './execution-control.ts';
import { createFindExecutionItems, createFindExecutions, createGetExecution } from './history-functions.ts';
import { protectionOf } from './protection.ts';
import type { Shared } from './shared.ts';
import { createStarterFunction } from './starter-function.ts';
import { SyncFunction, type SyncFunctionProps } from './sync-function.ts';
import { grantSynchronization, synchronizerEnvironment } from './synchronizer-function.ts';
import { TIMEOUTS } from './timeouts.ts';

/**
 * API Gateway counts requests before it authorizes them. Each route has limits of its own, so that a flood of invalid
 * requests for one does not reject valid requests for the others. Starts are rare, and reads may come from a search page.
 */
const THROTTLING: Record<Route['scope'], { rateLimit: number; burstLimit: number }> = {
  sync: { rateLimit: 20, burstLimit: 40 },
  read: { rateLimit: 100, burstLimit: 200 },
  // GitHub does not repeat a delivery that is rejected. A bulk edit of the bank causes thousands within a minute.
  signature: { rateLimit: 500, burstLimit: 1_000 },
  none: { rateLimit: 20, burstLimit: 40 },
};

type Route = (typeof ROUTES)[keyof typeof ROUTES];

/** The HTTP API. Every route requires a bearer token, except GitHub's signed deliveries and the description of the API. */
export class SyncApi extends Construct {
  readonly url: string;
  /** Counts answers with a 5xx status. */
  readonly serverErrors: Metric;
  /** How many times the authorizer failed, or all of its concurrency was in use. */
  readonly authorizerFailures: IMetric;
  private readonly api: HttpApi;

  constructor(scope: Construct, id: string, props: Shared & { stateMachine: StateMachine }) {
    super(scope, id);
    const names = resourceNames(props.settings.stage);
    const { logRetention, removalPolicy } = protectionOf(props.settings);
    const authorize = this.createAuthorize(props);
    this.authorizerFailures = failuresOf(authorize);
    this.api = new HttpApi(this, 'HttpApi', {
      apiName: names.api,
      createDefaultStage: false,
      defaultAuthorizer: authorizerFor(authorize),
    });
    const startSync = createStarterFunction(this, 'StartSync', {
      ...props,
      name: 'start-sync',
      invokedBy: 'api',
    });
    const control = new ExecutionControl(this, 'Control', props);
    const syncItem = this.createSyncItem(props);
    const routes = [
      this.addRoute(ROUTES.startSync, startSync),
      this.addRoute(ROUTES.syncItem, syncItem),
      this.addRoute(ROUTES.syncItemById, syncItem),
      this.addRoute(ROUTES.stopExecution, control.stop),
      this.addRoute(ROUTES.restartExecution, control.restart),
      this.addRoute(ROUTES.abandonExecution, control.abandon),
      this.addRoute(ROUTES.findItems, this.createFindItems(props)),
      this.addRoute(ROUTES.getItem, this.createGetItem(props)),
      this.addRoute(ROUTES.findExecutions, createFindExecutions(this, props)),
      this.addRoute(ROUTES.getExecution, createGetExecution(this, props)),
      this.addRoute(ROUTES.findExecutionItems, createFindExecutionItems(this, props)),
      this.addPublicRoute(
        ROUTES.receiveWebhook,
        this.createReceiver(props),
        'GitHub sends no token. The function verifies the signature of each delivery.',
      ),
      this.addPublicRoute(
        ROUTES.describeApi,
        this.createDescriber(props),
        'It describes the API, and contains no data.',
      ),
    ];
    const stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      autoDeploy: true,
      throttle: THROTTLING.sync,
      accessLogSettings: {
        destination: new LogGroupLogDestination(
          new LogGroup(this, 'AccessLog', {
            logGroupName: names.apiLogGroup,
            retention: logRetention,
            removalPolicy,
          }),
        ),
        format: AccessLogFormat.custom(ACCESS_LOG_FORMAT),
      },
    });
    throttleByRoute(stage, routes);
    this.url = stage.url;
    this.serverErrors = stage.metricServerError({ statistic: Stats.SUM, period: Duration.minutes(5) });
  }

  private addRoute({ method, path }: Route, handler: SyncFunction): HttpRoute[] {
    return this.api.addRoutes({
      path,
      methods: [HttpMethod[method]],
      integration: new HttpLambdaIntegration(handler.node.id, handler),
    });
  }

  /** @param reason why the route needs no token. */
  private addPublicRoute({ method, path }: Route, handler: SyncFunction, reason: string): HttpRoute[] {
    const routes = this.api.addRoutes({
      path,
      methods: [HttpMethod[method]],
      integration: new HttpLambdaIntegration(handler.node.id, handler),
      authorizer: new HttpNoneAuthorizer(),
    });
    for (const route of routes) {
      Validations.of(route).acknowledge({ id: 'AwsSolutions-APIG4', reason });
    }
    return routes;
  }

  private createDescriber(shared: Shared): SyncFunction {
    return new SyncFunction(this, 'DescribeApi', {
      shared,
      name: 'describe-api',
      timeout: TIMEOUTS.answer,
      environment: {},
    });
  }

  private createReceiver(shared: Shared): SyncFunction {
    const { settings, githubSecret, deliveryQueues } = shared;
    const receiver = new SyncFunction(this, 'ReceiveWebhook', {
      shared,
      name: 'receive-webhook',
      timeout: TIMEOUTS.delivery,
      environment: {
        [ENV.stage]: settings.stage,
        [ENV.githubOrganization]: settings.organization,
        [ENV.githubSecretId]: githubSecret.secretArn,
        [ENV.deliveryQueueUrl]: deliveryQueues.queue.queueUrl,
        [ENV.ignoredRepositories]: settings.ignoredRepositories,
      },
    });
    receiver.grantSecretRead(githubSecret);
    receiver.grantQueue(deliveryQueues.queue, ['SendMessage']);
    return receiver;
  }

  private createSyncItem(shared: Shared): SyncFunction {
    const { settings, tables } = shared;
    const syncItem = new SyncFunction(this, 'SyncItem', {
      shared,
      name: 'sync-item',
      timeout: TIMEOUTS.answer,
      environment: {
        ...synchronizerEnvironment(shared),
        [ENV.ignoredRepositories]: settings.ignoredRepositories,
        [ENV.dryRunOnly]: settings.dryRunOnly,
        [ENV.jobExecutionsTable]: tables.jobExecutions.tableName,
      },
    });
    grantSynchronization(syncItem, shared);
    // How long nothing may be sent to GitHub.
    syncItem.grantPartition(tables.jobExecutions, GITHUB_PARTITION, ['GetItem', 'UpdateItem']);
    return syncItem;
  }

  private createFindItems(shared: Shared): SyncFunction {
    const findItems = this.createReader(shared, 'FindItems', 'find-items');
    findItems.grantTable(shared.tables.items, ['BatchGetItem']);
    findItems.grantIndexes(shared.tables.items, 'Query', ['byRepository', 'byItemId', 'byStimulusId']);
    return findItems;
  }

  private createGetItem(shared: Shared): SyncFunction {
    const getItem = this.createReader(shared, 'GetItem', 'get-item');
    getItem.grantTable(shared.tables.items, ['BatchGetItem', 'Query']);
    // To find the items of a stimulus, and the stimulus of an item.
    getItem.grantIndexes(shared.tables.items, 'Query', ['byItemId', 'byStimulusId']);
    return getItem;
  }

  private createReader(shared: Shared, id: string, name: SyncFunctionProps['name']): SyncFunction {
    const { items, jobExecutions } = shared.tables;
    const reader = new SyncFunction(this, id, {
      shared,
      name,
      timeout: TIMEOUTS.answer,
      environment: {
        [ENV.itemsTable]: items.tableName,
        [ENV.jobExecutionsTable]: jobExecutions.tableName,
      },
    });
    // When the last full run was, which decides how fresh an item is.
    reader.grantTable(jobExecutions, ['GetItem']);
    return reader;
  }

  private createAuthorize(shared: Shared): SyncFunction {
    const { settings, tokenRules } = shared;
    return new SyncFunction(this, 'Authorize', {
      shared,
      name: 'authorize',
      timeout: TIMEOUTS.authorizer,
      // Keeps a flood of requests from using the concurrency of the account, and other functions from using this one's.
      ...(settings.authorizerConcurrency > 0 && { reservedConcurrency: settings.authorizerConcurrency }),
      environment: {
        [ENV.tokenIssuer]: tokenRules.issuer,
        [ENV.tokenAudience]: tokenRules.audience,
        [ENV.tokenJwksUri]: tokenRules.jwksUri,
        [ENV.tokenKeysMaxAgeMinutes]: String(settings.tokenKeysMaxAgeMinutes),
        [ENV.tokenLeewaySeconds]: String(settings.tokenLeewaySeconds),
        [ENV.tokenMaxLifetimeHours]: String(settings.tokenMaxLifetimeHours),
        [ENV.syncScope]: settings.syncScope,
        [ENV.readScope]: settings.readScope,
      },
    });
  }
}

const authorizerFor = (authorize: SyncFunction): HttpLambdaAuthorizer =>
  new HttpLambdaAuthorizer('BearerToken', authorize, {
    authorizerName: 'bearer-token',
    responseTypes: [HttpLambdaResponseType.SIMPLE],
    // A cached answer would accept a token that has expired, or that lacks the scope of another route.
    resultsCacheTtl: Duration.seconds(0),
  });

function failuresOf(authorize: SyncFunction): IMetric {
  const period = Duration.minutes(5);
  return new MathExpression({
    expression: 'FILL(errors, 0) + FILL(throttles, 0)',
    usingMetrics: {
      errors: authorize.metricErrors({ period, statistic: Stats.SUM }),
      throttles: authorize.metricThrottles({ period, statistic: Stats.SUM }),
    },
    period,
    label: 'failures of the authorizer',
  });
}

/** The construct of the stage knows only one limit for all routes. */
function throttleByRoute(stage: HttpStage, routes: HttpRoute[][]): void {
  const resource = stage.node.defaultChild;
  if (!(resource instanceof CfnStage)) throw new Error('the stage of the API has no resource');
  resource.routeSettings = Object.fromEntries(
    Object.values(ROUTES).map(({ method, path, scope }) => {
      const { rateLimit, burstLimit } = THROTTLING[scope];
      return [`${method} ${path}`, { ThrottlingRateLimit: rateLimit, ThrottlingBurstLimit: burstLimit }];
    }),
  );
  // CloudFormation rejects the settings of a route that does not exist yet.
  for (const { node } of routes.flat()) {
    if (CfnResource.isCfnResource(node.defaultChild)) resource.addResourceDependency(node.defaultChild);
  }
}

const ACCESS_LOG_FORMAT = JSON.stringify({
  requestId: '$context.requestId',
  requestTime: '$context.requestTime',
  sourceIp: '$context.identity.sourceIp',
  routeKey: '$context.routeKey',
  status: '$context.status',
  responseLatency: '$context.responseLatency',
  subject: '$context.authorizer.subject',
  authorizerError: '$context.authorizer.error',
  integrationStatus: '$context.integration.status',
  integrationError: '$context.integrationErrorMessage',
  error: '$context.error.message',
});
