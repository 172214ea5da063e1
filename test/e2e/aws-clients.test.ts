import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  paginateGetExecutionHistory,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogLine } from '../../functions/shared/contract/log-line.ts';
import { resourceNames } from '../../functions/shared/contract/names.ts';
import { STATES } from '../../functions/shared/contract/workflow.ts';
import { STAGE } from '../../local/configuration.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';
import { eventually } from '../support/eventually.ts';

const NAMES = resourceNames(STAGE);

/** Sends the requests of the AWS CLI in the order in which an operator follows a run. docs/operations.md shows them. */
describe('an operator with the clients of AWS', () => {
  let embedded: Embedded;
  let release: () => void;
  let stepFunctions: SFNClient;
  let stateMachineArn: string;
  let executionArn: string;
  const client = <Client>(Of: new (options: object) => Client): Client =>
    new Of({
      endpoint: embedded.cloud.awsEndpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });

  beforeAll(async () => {
    // Two batches.
    embedded = await startEmbedded({ environment: { ITEM_BANK_SIZE: '130' } });
    stepFunctions = client(SFNClient);
  });
  afterAll(() => embedded?.close());

  it('finds the state machine, starts it, and finds the running execution', async () => {
    const { stateMachines = [] } = await stepFunctions.send(new ListStateMachinesCommand());
    expect(stateMachines.map(({ name }) => name)).toEqual([NAMES.stateMachine]);
    stateMachineArn = stateMachines[0]?.stateMachineArn ?? '';
    const described = await stepFunctions.send(new DescribeStateMachineCommand({ stateMachineArn }));
    expect(JSON.parse(described.definition ?? '').StartAt).toBe(STATES.beginExecution);
    release = embedded.hold();
    const started = await stepFunctions.send(new StartExecutionCommand({ stateMachineArn }));
    executionArn = started.executionArn ?? '';
    const running = { stateMachineArn, statusFilter: 'RUNNING' as const };
    const { executions } = await stepFunctions.send(new ListExecutionsCommand(running));
    expect(executions?.map((execution) => execution.executionArn)).toEqual([executionArn]);
    release();
  });

  it('follows the log to its last line', async () => {
    const logs = client(CloudWatchLogsClient);
    const logGroupNamePrefix = NAMES.logGroup;
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix }));
    expect(logGroups?.map(({ logGroupName }) => logGroupName)).toEqual([NAMES.logGroup]);
    const seen = new Map<string, string>();
    let startTime = Date.now() - 600_000;
    // As `aws logs tail --follow` does: reads again from the time of the last event, and skips known events.
    const last = await eventually(async () => {
      const query = { logGroupName: NAMES.logGroup, startTime, interleaved: true };
      const { events = [] } = await logs.send(new FilterLogEventsCommand(query));
      for (const { eventId = '', timestamp = 0, message = '' } of events) {
        seen.set(eventId, message);
        startTime = Math.max(startTime, timestamp);
      }
      return [...seen.values()].map(toLine).find(({ message }) => message.includes('completed with'));
    });
    expect(last.jobExecutionId).toBe(1);
    const lines = [...seen.values()].map(toLine).filter(({ jobExecutionId }) => jobExecutionId === 1);
    expect(lines.map(({ message }) => message).sort()).toEqual(
      (await embedded.log('{ $.jobExecutionId = 1 }')).map(({ message }) => message).sort(),
    );
  });

  it('reads the result of the execution, and its history with each batch', async () => {
    await embedded.ended(executionArn);
    const described = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    expect(described).toMatchObject({ status: 'SUCCEEDED', stateMachineArn });
    const history = await historyOf(executionArn);
    expect(history.map(({ id }) => id)).toEqual(history.map((_, place) => place + 1));
    const entered = history.flatMap(({ stateEnteredEventDetails: state }) => state?.name ?? []);
    expect(entered.filter((name) => name === STATES.synchronizeBatch)).toHaveLength(2);
    expect(entered.at(-1)).toBe(STATES.completeExecution);
    const started = history.find(({ type }) => type === 'MapStateStarted');
    expect(started?.mapStateStartedEventDetails).toEqual({ length: 2 });
    const iterations = history.flatMap(({ mapIterationSucceededEventDetails: of }) => of?.index ?? []);
    expect(iterations.sort()).toEqual([0, 1]);
    expect(history.at(-1)?.executionSucceededEventDetails?.output).toBe(described.output);
  });

  it('finds its record and the items in the tables', async () => {
    const database = client(DynamoDBClient);
    const TableName = NAMES.jobExecutionsTable;
    const records: Record<string, unknown>[] = [];
    const query = {
      TableName,
      KeyConditionExpression: 'pk = :job AND begins_with(sk, :execution)',
      ExpressionAttributeValues: {
        ':job': { S: 'JOB#itemSynchronizationJob' },
        ':execution': { S: 'EXECUTION#' },
      },
      ScanIndexForward: false,
    };
    for await (const { Items = [] } of paginateQuery({ client: database }, query)) records.push(...Items);
    expect(records).toEqual([expect.objectContaining({ exitCode: { S: 'COMPLETED' } })]);
    const Key = { pk: { S: 'JOB#itemSynchronizationJob' }, sk: { S: 'STATE' } };
    const { Item } = await database.send(new GetItemCommand({ TableName, Key }));
    expect(Item?.['lastJobExecutionId']).toEqual({ N: '1' });
    const items = { TableName: NAMES.itemsTable };
    expect((await database.send(new DescribeTableCommand(items))).Table?.TableStatus).toBe('ACTIVE');
    const { Count } = await database.send(new ScanCommand({ ...items, Select: 'COUNT' }));
    expect(Count).toBeGreaterThan(130);
  });

  it('reads the secret and the rule of the schedule', async () => {
    const secret = await client(SecretsManagerClient).send(
      new GetSecretValueCommand({ SecretId: NAMES.githubSecret }),
    );
    expect(Object.keys(JSON.parse(secret.SecretString ?? ''))).toContain('githubToken');
    const NamePrefix = NAMES.scheduleRule;
    const { Rules } = await client(EventBridgeClient).send(new ListRulesCommand({ NamePrefix }));
    expect(Rules).toMatchObject([{ State: 'ENABLED', ScheduleExpression: 'cron(0 9 * * ? *)' }]);
  });

  it('stops a run, which closes its record', async () => {
    release = embedded.hold();
    const { executionArn: second = '' } = await stepFunctions.send(
      new StartExecutionCommand({ stateMachineArn }),
    );
    await eventually(async () => {
      const history = await historyOf(second);
      const names = history.map(({ stateEnteredEventDetails: state }) => state?.name);
      return names.includes(STATES.listItemBankIds) || undefined;
    });
    const reason = { error: 'Operator', cause: 'maintenance' };
    await stepFunctions.send(new StopExecutionCommand({ executionArn: second, ...reason }));
    release();
    const history = await historyOf(second);
    expect(history.at(-1)).toMatchObject({ type: 'ExecutionAborted', executionAbortedEventDetails: reason });
    const record = await eventually(async () => {
      const found = await embedded.execution(2);
      return found?.status === 'STOPPED' ? found : undefined;
    });
    expect(record.exitCode).toBe('STOPPED');
  });

  async function historyOf(arn: string): Promise<HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    const pages = paginateGetExecutionHistory({ client: stepFunctions, pageSize: 20 }, { executionArn: arn });
    for await (const page of pages) events.push(...(page.events ?? []));
    return events;
  }
});

const toLine = (message: string): LogLine => JSON.parse(message);
