import { describe, expect, it } from 'vitest';
import { NO_ISSUER, stackFor, templateFor } from '../support/stack.ts';

// The settings that create the most resources.
const SETTINGS = { ...NO_ISSUER, alarmTopicArn: 'arn:aws:sns:us-east-1:123456789012:ops' };

interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
}

/** The property that holds the name of a resource in its account, by type. */
const NAMES: Record<string, string> = {
  'AWS::ApiGatewayV2::Api': 'Name',
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::CloudWatch::Dashboard': 'DashboardName',
  'AWS::Cognito::UserPool': 'UserPoolName',
  'AWS::Cognito::UserPoolDomain': 'Domain',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Events::EventBus': 'Name',
  'AWS::Events::Rule': 'Name',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::Logs::QueryDefinition': 'Name',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SecretsManager::Secret': 'Name',
  'AWS::StepFunctions::StateMachine': 'StateMachineName',
};

/** Types whose resources are named within another resource of the stage, or by CloudFormation after the stack. */
const HAVE_NO_NAME = new Set([
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::Cognito::UserPoolClient',
  'AWS::Cognito::UserPoolResourceServer',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Permission',
  'AWS::Logs::MetricFilter',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
]);

const resourcesOf = (stage: string): Resource[] =>
  Object.values(templateFor({ ...SETTINGS, stage }).toJSON()['Resources']);

const namesOf = (stage: string): string[] =>
  resourcesOf(stage).flatMap(({ Type, Properties }) => {
    const property = NAMES[Type];
    return property === undefined ? [] : [`${Type} ${JSON.stringify(Properties?.[property])}`];
  });

/** Metrics are not resources, but they have names. */
const metricsOf = (stage: string): string[] =>
  resourcesOf(stage)
    .filter(({ Type }) => Type === 'AWS::Logs::MetricFilter')
    .map(({ Properties }) => JSON.stringify(Properties?.['MetricTransformations']));

describe('two stages in one account', () => {
  it('share no physical name', () => {
    const names = namesOf('test');
    expect(names.filter((name) => !name.includes('test'))).toEqual([]);
    expect(namesOf('other').filter((name) => names.includes(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('have metrics of their own', () => {
    const metrics = metricsOf('test');
    expect(metrics).toHaveLength(4);
    expect(metricsOf('other').filter((metric) => metrics.includes(metric))).toEqual([]);
  });

  it('contain only resource types whose naming this test knows', () => {
    const types = new Set(resourcesOf('test').map(({ Type }) => Type));
    expect([...types].filter((type) => NAMES[type] === undefined && !HAVE_NO_NAME.has(type))).toEqual([]);
    const fixed = resourcesOf('test').filter(
      ({ Type }) => Type === 'AWS::IAM::Role' || Type === 'AWS::IAM::ManagedPolicy',
    );
    for (const { Properties } of fixed) expect(Properties).not.toHaveProperty('RoleName');
  });

  it('are separate stacks, without exports that could collide', () => {
    const [test, other] = ['test', 'other'].map((stage) => stackFor({ ...SETTINGS, stage }));
    expect(test?.node.id).toBe('item-sync-test');
    expect(test?.stackName).toBe('item-sync-test');
    expect(other?.stackName).toBe('item-sync-other');
    const outputs: Record<string, object>[] = Object.values(
      templateFor({ ...SETTINGS, stage: 'test' }).toJSON()['Outputs'],
    );
    expect(outputs.filter((output) => 'Export' in output)).toEqual([]);
  });
});
