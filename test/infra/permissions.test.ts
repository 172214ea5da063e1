import { describe, expect, it } from 'vitest';
import {
  FUNCTIONS,
  type FunctionName,
  WORKFLOW_FUNCTIONS,
} from '../../functions/shared/contract/functions.ts';
import { templateFor } from '../support/stack.ts';

interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
}

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: { 'ForAllValues:StringEquals'?: { 'dynamodb:LeadingKeys'?: string[] } };
}

/** Actions by the resource that they are allowed on. The name of a table may be followed by the only allowed partition. */
type Permissions = Record<string, string[]>;

const LOG = '/item-sync/test';
const RECORDS = 'item-sync-test-job-executions';
const ITEMS = 'item-sync-test-items';
const BUS = 'item-sync-test bus';
const TOPIC = 'item-sync-test-runs';
const SECRET = 'item-sync-test/github';
const UNDELIVERED = 'item-sync-test-undelivered';
const DELIVERIES = 'item-sync-test-deliveries';
const FAILED_DELIVERIES = 'item-sync-test-failed-deliveries';
const MACHINE = 'item-sync-test machine';
const EXECUTIONS = 'arn:AWS::Partition:states:AWS::Region:AWS::AccountId:execution:item-sync-test:*';

const dynamodb = (...actions: string[]): string[] => actions.map((action) => `dynamodb:${action}`);
const PUBLISHES: Permissions = { [BUS]: ['events:PutEvents'] };
const REPORTS: Permissions = { ...PUBLISHES, [TOPIC]: ['sns:Publish'] };
const CALLS_GITHUB: Permissions = { [SECRET]: ['secretsmanager:GetSecretValue'] };
const STARTS_RUNS: Permissions = {
  [MACHINE]: ['states:StartExecution'],
  [EXECUTIONS]: ['states:DescribeExecution'],
};
const USES_DEAD_LETTER_QUEUE: Permissions = { [UNDELIVERED]: ['sqs:SendMessage'] };
const SYNCHRONIZES: Permissions = {
  [ITEMS]: dynamodb('BatchGetItem', 'ConditionCheckItem', 'DeleteItem', 'PutItem', 'Query', 'UpdateItem'),
  [`${ITEMS}/index/by-item-id`]: dynamodb('Query'),
  ...PUBLISHES,
  ...CALLS_GITHUB,
};

const PERMISSIONS: Record<FunctionName, Permissions> = {
  authorize: {},
  'start-sync': {
    [RECORDS]: dynamodb('GetItem', 'PutItem', 'Query', 'UpdateItem'),
    ...STARTS_RUNS,
    ...REPORTS,
  },
  'sync-item': { [`${RECORDS}/GITHUB`]: dynamodb('GetItem', 'UpdateItem'), ...SYNCHRONIZES },
  'stop-execution': { [RECORDS]: dynamodb('GetItem', 'UpdateItem') },
  'restart-execution': {
    [RECORDS]: dynamodb('BatchGetItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    ...STARTS_RUNS,
    ...REPORTS,
  },
  'abandon-execution': {
    [RECORDS]: dynamodb('GetItem', 'Query', 'UpdateItem'),
    [EXECUTIONS]: ['states:StopExecution'],
    ...REPORTS,
  },
  'get-item': {
    [RECORDS]: dynamodb('GetItem'),
    [ITEMS]: dynamodb('BatchGetItem', 'Query'),
    [`${ITEMS}/index/by-item-id`]: dynamodb('Query'),
    [`${ITEMS}/index/by-stimulus-id`]: dynamodb('Query'),
  },
  'find-items': {
    [RECORDS]: dynamodb('GetItem'),
    [ITEMS]: dynamodb('BatchGetItem'),
    [`${ITEMS}/index/by-repository`]: dynamodb('Query'),
    [`${ITEMS}/index/by-item-id`]: dynamodb('Query'),
    [`${ITEMS}/index/by-stimulus-id`]: dynamodb('Query'),
  },
  'describe-api': {},
  'find-executions': {
    [`${RECORDS}/JOB#itemSynchronizationJob`]: dynamodb('GetItem', 'UpdateItem'),
    [RECORDS]: dynamodb('Query'),
    [EXECUTIONS]: ['states:DescribeExecution'],
    ...REPORTS,
  },
  'get-execution': {
    [RECORDS]: dynamodb('GetItem', 'Query', 'UpdateItem'),
    [EXECUTIONS]: ['states:DescribeExecution'],
    ...REPORTS,
  },
  'find-execution-items': {
    [RECORDS]: dynamodb('GetItem', 'Query'),
    [ITEMS]: dynamodb('BatchGetItem'),
  },
  'receive-webhook': { [DELIVERIES]: ['sqs:SendMessage'], ...CALLS_GITHUB },
  'synchronize-deliveries': {
    [DELIVERIES]: [
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
    ],
    [RECORDS]: dynamodb('GetItem'),
    [`${RECORDS}/GITHUB`]: dynamodb('UpdateItem'),
    ...SYNCHRONIZES,
  },
  'start-scheduled-sync': {
    [RECORDS]: dynamodb('DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    ...STARTS_RUNS,
    ...REPORTS,
    [EXECUTIONS]: ['states:DescribeExecution', 'states:StopExecution'],
    ...USES_DEAD_LETTER_QUEUE,
  },
  'begin-execution': {
    [RECORDS]: dynamodb('GetItem', 'PutItem', 'Query', 'UpdateItem'),
    [EXECUTIONS]: ['states:DescribeExecution'],
    ...REPORTS,
  },
  'list-item-bank-ids': {
    [RECORDS]: dynamodb('BatchGetItem', 'BatchWriteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    ...CALLS_GITHUB,
  },
  'synchronize-batch': {
    [RECORDS]: dynamodb('BatchWriteItem', 'GetItem', 'PutItem', 'UpdateItem'),
    [DELIVERIES]: ['sqs:GetQueueAttributes'],
    [FAILED_DELIVERIES]: ['sqs:GetQueueAttributes'],
    ...SYNCHRONIZES,
  },
  'fail-batch': {
    [RECORDS]: dynamodb('BatchWriteItem', 'GetItem', 'PutItem'),
    [ITEMS]: dynamodb('UpdateItem'),
  },
  'create-webhooks': {
    [RECORDS]: dynamodb('BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem'),
    [ITEMS]: dynamodb('UpdateItem'),
    ...CALLS_GITHUB,
  },
  'remove-deleted-items': {
    [RECORDS]: dynamodb('BatchWriteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    [`${ITEMS}/index/by-repository`]: dynamodb('Scan'),
    ...SYNCHRONIZES,
  },
  'complete-execution': {
    [RECORDS]: dynamodb('BatchGetItem', 'BatchWriteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    [ITEMS]: dynamodb('BatchGetItem', 'UpdateItem'),
    ...REPORTS,
  },
  'fail-execution': { [RECORDS]: dynamodb('GetItem', 'Query', 'UpdateItem'), ...REPORTS },
  'close-execution': {
    [RECORDS]: dynamodb('GetItem', 'Query', 'UpdateItem'),
    ...REPORTS,
    ...USES_DEAD_LETTER_QUEUE,
  },
};

const resources: Record<string, Resource> = templateFor().toJSON()['Resources'];
const ofType = (type: string): Resource[] => Object.values(resources).filter(({ Type }) => Type === type);

describe('a function has only the permissions that it uses', () => {
  it.each(FUNCTIONS)('%s', (entryPoint) => {
    const { [LOG]: logging, '*': tracing, ...others } = permissionsOf(`item-sync-test-${entryPoint}`);
    expect(tracing).toEqual(['xray:PutTelemetryRecords', 'xray:PutTraceSegments']);
    expect(logging).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents']);
    expect(others).toEqual(PERMISSIONS[entryPoint]);
  });

  it('in a role of its own', () => {
    const roles = ofType('AWS::Lambda::Function').map(({ Properties }) => JSON.stringify(Properties['Role']));
    expect(new Set(roles).size).toBe(roles.length);
    for (const { Properties } of ofType('AWS::IAM::Role')) {
      expect(Properties).not.toHaveProperty('ManagedPolicyArns');
      expect(Properties).not.toHaveProperty('Policies');
    }
  });
});

it('the state machine may invoke only its own functions', () => {
  const [machine] = ofType('AWS::StepFunctions::StateMachine');
  const invoked = statementsOf(machine?.Properties['RoleArn'])
    .filter(({ Action }) => Action === 'lambda:InvokeFunction')
    .flatMap(({ Resource }) => [Resource].flat().map(nameOf));
  const names = WORKFLOW_FUNCTIONS.filter(
    (name) => name !== 'start-scheduled-sync' && name !== 'close-execution',
  );
  const expected = names.map((name) => `item-sync-test-${name}`).flatMap((name) => [name, `${name}:*`]);
  expect(invoked.sort()).toEqual(expected.sort());
});

function permissionsOf(functionName: string): Permissions {
  const found = ofType('AWS::Lambda::Function').find(
    ({ Properties }) => Properties['FunctionName'] === functionName,
  );
  const permissions: Permissions = {};
  for (const { Effect, Action, Resource, Condition } of statementsOf(found?.Properties['Role'])) {
    expect(Effect).toBe('Allow');
    const partition = Condition?.['ForAllValues:StringEquals']?.['dynamodb:LeadingKeys']?.join();
    for (const resource of [Resource].flat().map(nameOf)) {
      const name = partition === undefined ? resource : `${resource}/${partition}`;
      permissions[name] = [...(permissions[name] ?? []), ...[Action].flat()].sort();
    }
  }
  return permissions;
}

/** The statements of the policies that are attached to the role with this ARN. */
function statementsOf(roleArn: unknown): Statement[] {
  const [role] = (roleArn as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'];
  const policies = ofType('AWS::IAM::Policy').filter(({ Properties }) =>
    JSON.stringify(Properties['Roles']).includes(JSON.stringify({ Ref: role })),
  );
  return policies.flatMap(
    ({ Properties }) => (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement,
  );
}

/** Replaces the references in an ARN of the template by physical names. */
function nameOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const [intrinsic = '', given] = Object.entries(Object(value))[0] ?? [];
  if (intrinsic === 'Ref') return physicalName(String(given));
  const [first, second] = given as [unknown, unknown];
  switch (intrinsic) {
    case 'Fn::GetAtt':
      return physicalName(String(first));
    case 'Fn::Join':
      return (second as unknown[]).map(nameOf).join(String(first));
    // They extract the name from an ARN.
    case 'Fn::Select':
    case 'Fn::Split':
      return nameOf(second).split(' ')[0] ?? '';
    default:
      throw new Error(`${intrinsic} is not supported in a policy`);
  }
}

const NAMES: Record<string, (properties: Record<string, unknown>) => unknown> = {
  'AWS::Lambda::Function': ({ FunctionName }) => FunctionName,
  'AWS::DynamoDB::Table': ({ TableName }) => TableName,
  'AWS::Logs::LogGroup': ({ LogGroupName }) => LogGroupName,
  'AWS::SecretsManager::Secret': ({ Name }) => Name,
  'AWS::SQS::Queue': ({ QueueName }) => QueueName,
  'AWS::SNS::Topic': ({ TopicName }) => TopicName,
  // A state machine and a bus have the same name.
  'AWS::StepFunctions::StateMachine': ({ StateMachineName }) => `${StateMachineName} machine`,
  'AWS::Events::EventBus': ({ Name }) => `${Name} bus`,
};

function physicalName(id: string): string {
  const resource = resources[id];
  return resource ? String(NAMES[resource.Type]?.(resource.Properties)) : id;
}
