import { resourceNames } from '../../functions/shared/contract/names.ts';
import type { AwsAccess } from '../connection/aws.ts';
import { describeAwsError } from '../connection/aws.ts';
import { count } from '../describe/quantities.ts';
import { type Check, check, failed, ok, unknown } from './check.ts';

type Names = ReturnType<typeof resourceNames>;

/** Whether the resources of the stack exist, by name. Reads no content, in particular not the value of the secret. */
export async function checkAws(access: AwsAccess): Promise<Check[]> {
  const names = resourceNames(access.stage);
  const checks = [tableChecks, secretCheck, stateMachineCheck, queueChecks, logCheck];
  const results = await Promise.all(checks.map((carryOut) => carryOut(access, names)));
  return results.flat();
}

export const checkAwsUnknown = (advice: string): Check =>
  unknown('AWS resources', 'no stage is named', advice);

async function tableChecks({ client, stage }: AwsAccess, names: Names): Promise<Check[]> {
  const { DescribeTableCommand, DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
  const dynamoDb = new DynamoDBClient(client);
  const tables = { 'table of runs': names.jobExecutionsTable, 'table of items': names.itemsTable };
  return Promise.all(
    Object.entries(tables).map(([name, TableName]) =>
      exists({ name, resource: TableName, stage }, async () => {
        const { Table } = await dynamoDb.send(new DescribeTableCommand({ TableName }));
        return `${Table?.TableStatus}`;
      }),
    ),
  );
}

async function secretCheck({ client, stage }: AwsAccess, { githubSecret }: Names): Promise<Check[]> {
  const { DescribeSecretCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const secrets = new SecretsManagerClient(client);
  const result = await exists({ name: 'GitHub secret', resource: githubSecret, stage }, async () => {
    await secrets.send(new DescribeSecretCommand({ SecretId: githubSecret }));
    return 'its value was not read';
  });
  return [result];
}

async function stateMachineCheck({ client, stage }: AwsAccess, { stateMachine }: Names): Promise<Check[]> {
  const { paginateListStateMachines, SFNClient } = await import('@aws-sdk/client-sfn');
  const result = await exists({ name: 'state machine', resource: stateMachine, stage }, async () => {
    for await (const { stateMachines = [] } of paginateListStateMachines(
      { client: new SFNClient(client) },
      {},
    )) {
      if (stateMachines.some(({ name }) => name === stateMachine)) return 'exists';
    }
    throw new Absent();
  });
  return [result];
}

async function queueChecks({ client, stage }: AwsAccess, names: Names): Promise<Check[]> {
  const { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } = await import('@aws-sdk/client-sqs');
  const sqs = new SQSClient(client);
  const sizeOf = async (QueueName: string): Promise<number> => {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
    );
    return Number(Attributes?.['ApproximateNumberOfMessages'] ?? 0);
  };
  const [waiting, failures] = [names.deliveryQueue, names.failedDeliveryQueue];
  return [
    await exists({ name: 'deliveries', resource: waiting, stage }, async () => {
      return `${count(await sizeOf(waiting), 'message')} waiting`;
    }),
    await exists({ name: 'failed deliveries', resource: failures, stage }, async () => {
      const size = await sizeOf(failures);
      if (size === 0) return 'no message';
      const detail = `${failures}: ${count(size, 'message')}`;
      const advice = 'See docs/operations.md, "Deliveries that could not be handled".';
      return failed('failed deliveries', detail, advice);
    }),
  ];
}

async function logCheck({ client, stage }: AwsAccess, { logGroup }: Names): Promise<Check[]> {
  const { CloudWatchLogsClient, DescribeLogGroupsCommand } = await import('@aws-sdk/client-cloudwatch-logs');
  const logs = new CloudWatchLogsClient(client);
  const result = await exists({ name: 'log', resource: logGroup, stage }, async () => {
    const { logGroups = [] } = await logs.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroup }),
    );
    if (logGroups.some(({ logGroupName }) => logGroupName === logGroup)) return 'exists';
    throw new Absent();
  });
  return [result];
}

class Absent extends Error {
  override readonly name = 'Absent';
}

/** Error names for a resource that does not exist. Each service has its own. */
const ABSENT = new Set([
  'Absent',
  'ResourceNotFoundException',
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
]);

interface Resource {
  name: string;
  resource: string;
  stage: string;
}

function exists({ name, resource, stage }: Resource, find: () => Promise<string | Check>): Promise<Check> {
  return check(name, async () => {
    try {
      const found = await find();
      return typeof found === 'string' ? ok(name, `${resource}: ${found}`) : found;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (ABSENT.has(error.name)) {
        const advice = `Check the stage (${stage}), the region and the account, and deploy the stack.`;
        return failed(name, `${resource} does not exist`, advice);
      }
      const advice = describeAwsError(error);
      if (advice === undefined) throw error;
      return unknown(name, `AWS does not say whether ${resource} exists`, advice);
    }
  });
}
