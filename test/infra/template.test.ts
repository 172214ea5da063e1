import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { ENV } from '../../functions/shared/contract/environment.ts';
import { API_FUNCTIONS, FUNCTIONS } from '../../functions/shared/contract/functions.ts';
import { ITEM_INDEXES } from '../../functions/shared/contract/names.ts';
import { ROUTES } from '../../functions/shared/contract/routes.ts';
import { templateFor } from '../support/stack.ts';

const template = templateFor();
const resources = (type: string) => Object.values(template.findResources(type));

const keyOf = ({ method, path }: (typeof ROUTES)[keyof typeof ROUTES]) => `${method} ${path}`;

describe('the stack', () => {
  it('has a function for each entry point, on the newest Lambda runtime and within the limits of Lambda and API Gateway', () => {
    const functions = resources('AWS::Lambda::Function').map(({ Properties }) => Properties);
    const names = FUNCTIONS.map((name) => `item-sync-test-${name}`);
    expect(functions.map(({ FunctionName }) => FunctionName).sort()).toEqual(names.sort());
    for (const { FunctionName, Runtime, Timeout, Handler } of functions) {
      expect({ FunctionName, Runtime, Handler }).toMatchObject({
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
      });
      expect(Timeout).toBeLessThanOrEqual(900);
    }
    const timeoutOf = (name: string) =>
      functions.find((props) => props.FunctionName === `item-sync-test-${name}`)?.Timeout;
    const [authorizer, ...answering] = API_FUNCTIONS;
    expect(timeoutOf(authorizer)).toBeLessThanOrEqual(10);
    for (const name of answering) expect(timeoutOf(name)).toBeLessThan(30);
  });

  it('gives functions exactly the environment variables that the contract names', () => {
    const known = new Set<string>([
      ...Object.values(ENV),
      'POWERTOOLS_SERVICE_NAME',
      'NODE_OPTIONS',
      'MALLOC_ARENA_MAX',
      'MALLOC_MMAP_THRESHOLD_',
    ]);
    const used = resources('AWS::Lambda::Function').flatMap(({ Properties }) =>
      Object.keys(Properties.Environment.Variables),
    );
    expect(used.filter((name) => !known.has(name))).toEqual([]);
    expect(Object.values(ENV).filter((name) => !used.includes(name))).toEqual([]);
  });

  it.each([
    ['dryRunOnly', ENV.dryRunOnly, 'false', 'true'],
    ['redeliverFailedDeliveries', ENV.redeliverFailedDeliveries, 'false', 'true'],
    ['removalEnabled', ENV.removalEnabled, 'true', 'false'],
    ['removalLimitPercent', ENV.removalLimitPercent, '10', '60'],
    ['githubLimits', ENV.githubLimits, 'published', 'off'],
    ['runDeadlineHours', ENV.runDeadlineHours, '6', '2'],
    ['ignoredRepositories', ENV.ignoredRepositories, '', 'infra,docs'],
    ['syncScope', ENV.syncScope, 'item-sync/sync', ''],
    ['readScope', ENV.readScope, 'item-sync/read', ''],
  ])('passes the setting %s to functions', (setting, variable, byDefault, given) => {
    const valuesIn = (from: typeof template) =>
      Object.values(from.findResources('AWS::Lambda::Function')).flatMap(
        ({ Properties }) => Properties.Environment.Variables[variable] ?? [],
      );
    expect(new Set(valuesIn(template))).toEqual(new Set([byDefault]));
    expect(new Set(valuesIn(templateFor({ [setting]: given })))).toEqual(new Set([given]));
  });

  it('writes one run log with a retention, at the level of the setting', () => {
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: '/item-sync/test',
      RetentionInDays: 90,
    });
    const levels = (level?: string) =>
      Object.values(
        templateFor(level === undefined ? {} : { logLevel: level }).findResources('AWS::Lambda::Function'),
      ).map(({ Properties }) => Properties.LoggingConfig.ApplicationLogLevel);
    expect(new Set(levels())).toEqual(new Set(['INFO']));
    expect(new Set(levels('DEBUG'))).toEqual(new Set(['DEBUG']));
  });

  it('starts a run at 09:00 UTC each day by default, or by the schedule of its setting', () => {
    template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'cron(0 9 * * ? *)' });
    templateFor({ schedule: 'cron(0 3 * * ? *)' }).hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'cron(0 3 * * ? *)',
    });
  });

  it('reacts to executions of its own state machine that failed, timed out or were stopped', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'], stateMachineArn: [Match.anyValue()] },
      },
    });
  });

  it('has every route of the contract, each with its function', () => {
    const routes = resources('AWS::ApiGatewayV2::Route').map(({ Properties }) => Properties);
    const leadsTo = Object.fromEntries(
      routes.map(({ RouteKey, Target }) => [RouteKey, functionBehind(Target['Fn::Join'][1][1].Ref)]),
    );
    expect(leadsTo).toEqual({
      [keyOf(ROUTES.startSync)]: 'item-sync-test-start-sync',
      [keyOf(ROUTES.syncItem)]: 'item-sync-test-sync-item',
      [keyOf(ROUTES.syncItemById)]: 'item-sync-test-sync-item',
      [keyOf(ROUTES.stopExecution)]: 'item-sync-test-stop-execution',
      [keyOf(ROUTES.restartExecution)]: 'item-sync-test-restart-execution',
      [keyOf(ROUTES.abandonExecution)]: 'item-sync-test-abandon-execution',
      [keyOf(ROUTES.findItems)]: 'item-sync-test-find-items',
      [keyOf(ROUTES.getItem)]: 'item-sync-test-get-item',
      [keyOf(ROUTES.findExecutions)]: 'item-sync-test-find-executions',
      [keyOf(ROUTES.getExecution)]: 'item-sync-test-get-execution',
      [keyOf(ROUTES.findExecutionItems)]: 'item-sync-test-find-execution-items',
      [keyOf(ROUTES.receiveWebhook)]: 'item-sync-test-receive-webhook',
      [keyOf(ROUTES.describeApi)]: 'item-sync-test-describe-api',
    });
    expect(routes).toHaveLength(Object.keys(ROUTES).length);
  });

  it('requires a bearer token for every route except deliveries and the description, and caches no answer of the authorizer', () => {
    const open = [ROUTES.receiveWebhook, ROUTES.describeApi].map(keyOf);
    for (const { Properties } of resources('AWS::ApiGatewayV2::Route')) {
      if (open.includes(Properties.RouteKey)) {
        expect(Properties.AuthorizationType).toBe('NONE');
        expect(Properties).not.toHaveProperty('AuthorizerId');
        continue;
      }
      expect(Properties).toMatchObject({ AuthorizationType: 'CUSTOM', AuthorizerId: expect.anything() });
    }
    template.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      AuthorizerResultTtlInSeconds: 0,
      EnableSimpleResponses: true,
      IdentitySource: ['$request.header.Authorization'],
    });
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      AccessLogSettings: Match.anyValue(),
    });
  });

  it('throttles each route separately, and reserves concurrency for the authorizer', () => {
    const starts = { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 };
    const reads = { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 };
    const [stage] = resources('AWS::ApiGatewayV2::Stage');
    expect(stage?.Properties).toMatchObject({
      DefaultRouteSettings: starts,
      RouteSettings: {
        [keyOf(ROUTES.startSync)]: starts,
        [keyOf(ROUTES.syncItem)]: starts,
        [keyOf(ROUTES.syncItemById)]: starts,
        [keyOf(ROUTES.findItems)]: reads,
        [keyOf(ROUTES.getItem)]: reads,
        [keyOf(ROUTES.findExecutions)]: reads,
        [keyOf(ROUTES.getExecution)]: reads,
        [keyOf(ROUTES.findExecutionItems)]: reads,
        [keyOf(ROUTES.receiveWebhook)]: { ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1_000 },
      },
    });
    const routes = Object.keys(template.findResources('AWS::ApiGatewayV2::Route'));
    expect(new Set(stage?.DependsOn)).toEqual(new Set(routes));
    template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'item-sync-test-authorize',
      ReservedConcurrentExecutions: 20,
    });
  });

  it('has two encrypted tables with on-demand capacity', () => {
    const tables = resources('AWS::DynamoDB::Table');
    expect(tables).toHaveLength(2);
    for (const { Properties } of tables) {
      expect(Properties).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        SSESpecification: { SSEEnabled: true },
      });
    }
  });

  it('has a keys-only index of the items for each attribute that people search by', () => {
    const items = resources('AWS::DynamoDB::Table').find(
      ({ Properties }) => Properties.TableName === 'item-sync-test-items',
    )?.['Properties'];
    expect(items.KeySchema).toEqual([
      { AttributeName: 'itemBankId', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ]);
    expect(items.GlobalSecondaryIndexes).toEqual(
      Object.values(ITEM_INDEXES).map(({ name, attribute }) => ({
        IndexName: name,
        KeySchema: [{ AttributeName: attribute, KeyType: 'HASH' }],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      })),
    );
  });

  it('has an event bus of its own, and an output with its name', () => {
    const [[id, bus] = []] = Object.entries(template.findResources('AWS::Events::EventBus'));
    expect(bus?.['Properties'].Name).toBe('item-sync-test');
    template.hasOutput('ChangeEventBusName', { Value: { Ref: id } });
  });

  it('allows no actions by wildcard', () => {
    const statements = resources('AWS::IAM::Policy').flatMap(
      ({ Properties }) => Properties.PolicyDocument.Statement,
    );
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions.filter((action: string) => action.includes('*'))).toEqual([]);
  });

  it('contains no secret', () => {
    const [secret] = resources('AWS::SecretsManager::Secret');
    expect(secret?.['Properties'].SecretString).toBeUndefined();
    expect(secret?.['Properties'].GenerateSecretString.SecretStringTemplate).toBe(
      '{"githubToken":"PUT-THE-GITHUB-TOKEN-HERE"}',
    );
  });
});

function functionBehind(integrationId: string): unknown {
  const integration = template.findResources('AWS::ApiGatewayV2::Integration')[integrationId];
  const [functionId] = integration?.['Properties'].IntegrationUri['Fn::GetAtt'] ?? [];
  return template.findResources('AWS::Lambda::Function')[functionId]?.['Properties'].FunctionName;
}
