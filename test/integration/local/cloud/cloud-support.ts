import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Cloud } from '../../../../local/cloud/cloud.ts';
import { type Fixture, httpApi, lambdaFunction } from '../../../support/cloud/assembly.ts';
import { AWS, messagesIn } from '../../../support/cloud/clouds.ts';
import { eventually } from '../../../support/eventually.ts';

export const machineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:machine';

export const table = (TableName: string, sortKey = 'sk') => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    TableName,
    AttributeDefinitions: ['pk', sortKey, 'kind'].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S',
    })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: sortKey, KeyType: 'RANGE' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-kind',
        KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['name'] },
      },
    ],
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  },
});

export const rule = (ScheduleExpression: string, Target: string, more: object = {}) => ({
  Type: 'AWS::Events::Rule',
  Properties: {
    Name: 'daily',
    ScheduleExpression,
    Targets: [{ Id: 'T', Arn: { 'Fn::GetAtt': [Target, 'Arn'] } }],
    ...more,
  },
});

const echo = 'export const handler = async (event) => { console.log(JSON.stringify(event)); return event; };';

export const fixture = (more: Fixture['resources'] = {}): Fixture => ({
  resources: {
    Echo: lambdaFunction('echo', {
      FunctionName: 'echo',
      LoggingConfig: { LogFormat: 'JSON', SystemLogLevel: 'WARN' },
    }),
    ...httpApi(),
    ...more,
  },
  outputs: { Endpoint: { Value: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] } } },
  assets: { echo },
});

export const database = (cloud: Cloud) => new DynamoDBClient({ ...AWS, endpoint: cloud.awsEndpoint });

/** The events that the echo function received, from its log. */
export const eventsReceived = (cloud: Cloud) =>
  eventually(async () => {
    const lines = await messagesIn(cloud, '/aws/lambda/echo').catch(() => []);
    return lines.length > 0 ? lines.map((line) => JSON.parse(JSON.parse(line).message)) : undefined;
  });
