import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  type ListExecutionsInput,
  ListStateMachinesCommand,
  paginateListExecutions,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../local/cloud/cloud.ts';
import { type Fixture, stateMachine, temporaryFolder } from '../../../support/cloud/assembly.ts';
import { clouds, ended, stepFunctions } from '../../../support/cloud/clouds.ts';

const start = clouds();

const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:machine';
const OTHER = 'arn:aws:states:us-east-1:000000000000:stateMachine:other';
const executionOf = (name: string) => `${MACHINE.replace('stateMachine', 'execution')}:${name}`;

/** Waits if its input says so, and ends at once otherwise. */
const definition = {
  StartAt: 'Choose',
  States: {
    Choose: {
      Type: 'Choice',
      Choices: [{ Variable: '$.wait', IsPresent: true, Next: 'Wait' }],
      Default: 'Done',
    },
    Wait: { Type: 'Wait', Seconds: 600, End: true },
    Done: { Type: 'Succeed' },
  },
};

const History = { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'history' } };
const destination = { CloudWatchLogsLogGroup: { LogGroupArn: { 'Fn::GetAtt': ['History', 'Arn'] } } };
const fixture: Fixture = {
  resources: {
    History,
    Machine: stateMachine('machine', definition, {
      LoggingConfiguration: { Level: 'ERROR', Destinations: [destination] },
    }),
    Other: stateMachine('other', definition),
  },
};

const begin = (cloud: Cloud, name: string, input: object = {}) =>
  stepFunctions(cloud).send(
    new StartExecutionCommand({ stateMachineArn: MACHINE, name, input: JSON.stringify(input) }),
  );

async function namesOf(cloud: Cloud, more: Partial<ListExecutionsInput> = {}) {
  const command = new ListExecutionsCommand({ stateMachineArn: MACHINE, ...more });
  return (await stepFunctions(cloud).send(command)).executions?.map(({ name }) => name);
}

describe('state machines', () => {
  it('are listed by name, page by page', async () => {
    const client = stepFunctions(await start(fixture));
    const first = await client.send(new ListStateMachinesCommand({ maxResults: 1 }));
    const machine = { stateMachineArn: MACHINE, name: 'machine', type: 'STANDARD' };
    expect(first.stateMachines).toEqual([{ ...machine, creationDate: expect.any(Date) }]);
    const { nextToken } = first;
    const second = await client.send(new ListStateMachinesCommand({ maxResults: 1, nextToken }));
    expect(second.stateMachines?.map(({ stateMachineArn }) => stateMachineArn)).toEqual([OTHER]);
    expect(second.nextToken).toBeUndefined();
  });

  it('are described with their definition and logging', async () => {
    const cloud = await start(fixture);
    const described = await stepFunctions(cloud).send(
      new DescribeStateMachineCommand({ stateMachineArn: MACHINE }),
    );
    expect(described).toMatchObject({
      stateMachineArn: MACHINE,
      name: 'machine',
      status: 'ACTIVE',
      type: 'STANDARD',
      roleArn: expect.stringMatching(/^arn:aws:iam::/),
      creationDate: expect.any(Date),
      tracingConfiguration: { enabled: false },
      loggingConfiguration: {
        level: 'ERROR',
        includeExecutionData: false,
        destinations: [
          {
            cloudWatchLogsLogGroup: {
              logGroupArn: 'arn:aws:logs:us-east-1:000000000000:log-group:history:*',
            },
          },
        ],
      },
    });
    expect(JSON.parse(described.definition ?? '')).toEqual(definition);

    await begin(cloud, 'n');
    const ofExecution = new DescribeStateMachineForExecutionCommand({ executionArn: executionOf('n') });
    expect(await stepFunctions(cloud).send(ofExecution)).toMatchObject({
      stateMachineArn: MACHINE,
      definition: described.definition,
      updateDate: described.creationDate,
    });
  });
});

describe('executions', () => {
  it('are listed by status and state machine', async () => {
    const cloud = await start(fixture);
    await begin(cloud, 'done');
    await ended(cloud, executionOf('done'));
    await begin(cloud, 'waiting', { wait: true });
    expect(await namesOf(cloud)).toHaveLength(2);
    expect(await namesOf(cloud, { statusFilter: 'RUNNING' })).toEqual(['waiting']);
    expect(await namesOf(cloud, { statusFilter: 'SUCCEEDED' })).toEqual(['done']);
    expect(await namesOf(cloud, { statusFilter: 'FAILED' })).toEqual([]);
    expect(await namesOf(cloud, { stateMachineArn: OTHER })).toEqual([]);
    await stepFunctions(cloud).send(new StopExecutionCommand({ executionArn: executionOf('waiting') }));
    expect(await namesOf(cloud, { statusFilter: 'ABORTED' })).toEqual(['waiting']);
  });

  it('are listed once each, newest first, page by page, also after a restart', async () => {
    const stateFolder = await temporaryFolder();
    const before = await start(fixture, { stateFolder });
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names) {
      await begin(before, name);
      await ended(before, executionOf(name));
    }
    await before.close();
    const cloud = await start(fixture, { stateFolder });
    const found: { name: string | undefined; startDate: number }[] = [];
    const config = { client: stepFunctions(cloud), pageSize: 2 };
    for await (const page of paginateListExecutions(config, { stateMachineArn: MACHINE })) {
      expect(page.executions?.length).toBeLessThanOrEqual(2);
      for (const { name, startDate } of page.executions ?? [])
        found.push({ name, startDate: startDate?.getTime() ?? 0 });
    }
    expect(found.map(({ name }) => name).sort()).toEqual(names);
    expect(found).toEqual(found.toSorted((a, b) => b.startDate - a.startDate));
  });

  it('are summarized in lists, and described with or without data', async () => {
    const cloud = await start(fixture);
    await begin(cloud, 'n', { a: 1 });
    await ended(cloud, executionOf('n'));
    const command = new ListExecutionsCommand({ stateMachineArn: MACHINE });
    const [listed] = (await stepFunctions(cloud).send(command)).executions ?? [];
    const summary = {
      executionArn: executionOf('n'),
      stateMachineArn: MACHINE,
      name: 'n',
      status: 'SUCCEEDED',
      startDate: expect.any(Date),
      stopDate: expect.any(Date),
      redriveCount: 0,
    };
    expect(listed).toEqual(summary);
    const describe = async (includedData: 'ALL_DATA' | 'METADATA_ONLY') => {
      const asked = new DescribeExecutionCommand({ executionArn: executionOf('n'), includedData });
      const { $metadata, ...described } = await stepFunctions(cloud).send(asked);
      return described;
    };
    const redrive = {
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    };
    const included = { included: true };
    const data = { input: '{"a":1}', inputDetails: included, output: '{"a":1}', outputDetails: included };
    expect(await describe('ALL_DATA')).toEqual({ ...summary, ...redrive, ...data });
    expect(await describe('METADATA_ONLY')).toEqual({ ...summary, ...redrive });
  });
});

describe('a request with', () => {
  const invalidArn = (why: string) => ({ name: 'InvalidArn', message: `Invalid Arn: '${why}'` });

  it.each([
    ['an invalid ARN', 'machine', invalidArn('Invalid ARN prefix: machine')],
    [
      'an ARN of another service',
      'arn:aws:s3:::a',
      invalidArn('Not an ARN of Step Functions: arn:aws:s3:::a'),
    ],
    [
      'the ARN of a state machine',
      MACHINE,
      invalidArn('Resource type not valid in this context: stateMachine'),
    ],
    [
      'an unknown execution',
      executionOf('never'),
      { name: 'ExecutionDoesNotExist', message: `Execution Does Not Exist: '${executionOf('never')}'` },
    ],
    [
      'an execution of an unknown machine',
      'arn:aws:states:us-east-1:000000000000:execution:none:n',
      { name: 'ExecutionDoesNotExist' },
    ],
  ])('%s cannot describe, read or stop', async (_, executionArn, refusal) => {
    const client = stepFunctions(await start(fixture));
    const commands = [
      () => client.send(new DescribeExecutionCommand({ executionArn })),
      () => client.send(new DescribeStateMachineForExecutionCommand({ executionArn })),
      () => client.send(new GetExecutionHistoryCommand({ executionArn })),
      () => client.send(new StopExecutionCommand({ executionArn })),
    ];
    for (const send of commands) {
      await expect(send()).rejects.toMatchObject({ ...refusal, $metadata: { httpStatusCode: 400 } });
    }
  });

  it.each([
    ['an unknown machine', { stateMachineArn: `${MACHINE}x` }, 'StateMachineDoesNotExist'],
    ['an invalid ARN', { stateMachineArn: 'machine' }, 'InvalidArn'],
    ['an invalid token', { nextToken: 'made-up' }, 'InvalidToken'],
    ['a page size of 1,001', { maxResults: 1_001 }, 'ValidationException'],
    ['a map run', { mapRunArn: 'arn:a' }, 'ValidationException'],
    ['an unsupported filter', { redriveFilter: 'REDRIVEN' as const }, 'ValidationException'],
  ])('%s cannot list executions', async (_, more, name) => {
    const cloud = await start(fixture);
    await expect(namesOf(cloud, more)).rejects.toMatchObject({ name });
  });
});
