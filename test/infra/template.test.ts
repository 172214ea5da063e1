import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { API_ENTRY_POINTS, ENV, WORKFLOW_ENTRY_POINTS } from '../../functions/contract.ts';
import { templateFor } from '../support/stack.ts';

const template = templateFor();
const resources = (type: string) => Object.values(template.findResources(type));

describe('the stack', () => {
  it('has a function for each entry point, on the newest Lambda runtime and within Lambda and gateway limits', () => {
    const functions = resources('AWS::Lambda::Function').map(({ Properties }) => Properties);
    const names = [...API_ENTRY_POINTS, ...WORKFLOW_ENTRY_POINTS].map((name) => `item-sync-test-${name}`);
    expect(functions.map(({ FunctionName }) => FunctionName).sort()).toEqual(names.sort());
    for (const { FunctionName, Runtime, Timeout, Handler } of functions) {
      expect({ FunctionName, Runtime, Handler }).toMatchObject({
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
      });
      expect(Timeout).toBeLessThanOrEqual(900);
    }
    const timeoutOf = (name: string) => functions.find((props) => props.FunctionName.endsWith(name))?.Timeout;
    expect(timeoutOf('-authorize')).toBeLessThanOrEqual(10);
    expect(timeoutOf('-start-sync')).toBeLessThan(30);
  });

  it('gives functions only environment variables that the contract names', () => {
    const known = new Set<string>([...Object.values(ENV), 'POWERTOOLS_SERVICE_NAME', 'NODE_OPTIONS']);
    const used = resources('AWS::Lambda::Function').flatMap(({ Properties }) =>
      Object.keys(Properties.Environment.Variables),
    );
    expect(used.filter((name) => !known.has(name))).toEqual([]);
    expect(Object.values(ENV).filter((name) => !used.includes(name))).toEqual([]);
  });

  it('writes one log, with retention, whose level is a setting', () => {
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: '/item-sync/test',
      RetentionInDays: 90,
    });
    for (const { Properties } of resources('AWS::Logs::LogGroup'))
      expect(Properties.RetentionInDays).toBe(90);
    const levels = (level?: string) =>
      Object.values(
        templateFor(level === undefined ? {} : { logLevel: level }).findResources('AWS::Lambda::Function'),
      ).map(({ Properties }) => Properties.LoggingConfig.ApplicationLogLevel);
    expect(new Set(levels())).toEqual(new Set(['INFO']));
    expect(new Set(levels('DEBUG'))).toEqual(new Set(['DEBUG']));
  });

  it('starts at 09:00 UTC each day unless its setting says otherwise', () => {
    template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'cron(0 9 * * ? *)' });
    templateFor({ schedule: 'cron(0 3 * * ? *)' }).hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'cron(0 3 * * ? *)',
    });
  });

  it('hears of executions of its own machine that failed, timed out or were stopped', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'], stateMachineArn: [Match.anyValue()] },
      },
    });
  });

  it('asks for a bearer token on every route, and keeps no answer of the authorizer', () => {
    for (const { Properties } of resources('AWS::ApiGatewayV2::Route')) {
      expect(Properties).toMatchObject({ AuthorizationType: 'CUSTOM', AuthorizerId: expect.anything() });
    }
    template.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      AuthorizerResultTtlInSeconds: 0,
      EnableSimpleResponses: true,
      IdentitySource: ['$request.header.Authorization'],
    });
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      DefaultRouteSettings: { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 },
      AccessLogSettings: Match.anyValue(),
    });
  });

  it('keeps both tables when the stack goes, on demand, encrypted, recoverable to any second', () => {
    const tables = resources('AWS::DynamoDB::Table');
    expect(tables).toHaveLength(2);
    for (const { Properties, DeletionPolicy } of tables) {
      expect(DeletionPolicy).toBe('Retain');
      expect(Properties).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        SSESpecification: { SSEEnabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      });
    }
  });

  it('gives each function a role of its own that names its actions and resources', () => {
    const roles = resources('AWS::Lambda::Function').map(({ Properties }) => JSON.stringify(Properties.Role));
    expect(new Set(roles).size).toBe(roles.length);
    for (const { Properties } of resources('AWS::IAM::Role'))
      expect(Properties.ManagedPolicyArns).toBeUndefined();
    const statements = resources('AWS::IAM::Policy').flatMap(
      ({ Properties }) => Properties.PolicyDocument.Statement,
    );
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions.filter((action: string) => action.includes('*'))).toEqual([]);
  });

  it('puts no secret into the template or an environment', () => {
    const [secret] = resources('AWS::SecretsManager::Secret');
    expect(secret?.['Properties'].SecretString).toBeUndefined();
    expect(secret?.['Properties'].GenerateSecretString.SecretStringTemplate).toBe(
      '{"githubToken":"PUT-THE-GITHUB-TOKEN-HERE"}',
    );
  });

  it('has no physical name in common with another stage', () => {
    const other = JSON.stringify(templateFor({ stage: 'other' }).toJSON());
    const nameKeys = /"(?:FunctionName|TableName|LogGroupName|StateMachineName|Name|MetricName)":"([^"]+)"/g;
    const names = (text: string) => new Set([...text.matchAll(nameKeys)].map(([, name]) => name));
    const mine = names(JSON.stringify(template.toJSON()));
    expect([...names(other)].filter((name) => mine.has(name) && name !== 'bearer-token')).toEqual([]);
  });
});
