import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../local/cloud/cloud.ts';
import { type Fixture, lambdaFunction, stateMachine } from '../../../support/cloud/assembly.ts';
import { clouds, ended, messagesIn, stepFunctions } from '../../../support/cloud/clouds.ts';
import { eventually } from '../../../support/eventually.ts';

const start = clouds();

const ARN = 'arn:aws:states:us-east-1:000000000000:stateMachine:machine';

const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

const echo = 'export const handler = async (event) => event;';
/** Fails as its event says. */
const failing = `export const handler = async ({ name, message }) => {
  throw Object.assign(new Error(message), { name });
};`;

const task = (more: object = {}, payload: object = { 'Payload.$': '$' }) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: functionArn('echo'), ...payload },
  ResultSelector: { 'result.$': '$.Payload' },
  End: true,
  ...more,
});

const fixture = (definition: object, more: object = {}): Fixture => ({
  resources: {
    Echo: lambdaFunction('echo', { FunctionName: 'echo' }),
    Failing: lambdaFunction('failing', { FunctionName: 'failing' }),
    Machine: stateMachine('machine', definition, more),
  },
  assets: { echo, failing },
});

async function runToEnd(cloud: Cloud, input: object, name?: string): Promise<DescribeExecutionOutput> {
  const client = stepFunctions(cloud);
  const command = new StartExecutionCommand({
    stateMachineArn: ARN,
    input: JSON.stringify(input),
    ...(name && { name }),
  });
  const { executionArn = '' } = await client.send(command);
  return ended(cloud, executionArn);
}

const outputOf = ({ output }: DescribeExecutionOutput): unknown => JSON.parse(output ?? 'null');

describe('a definition', () => {
  it('maps over items, with concurrency, execution id and item from the input and context', async () => {
    const cloud = await start(
      fixture({
        StartAt: 'EachBatch',
        States: {
          EachBatch: {
            Type: 'Map',
            ItemsPath: '$.batches',
            MaxConcurrencyPath: '$.workers',
            ItemSelector: {
              'execution.$': '$$.Execution.Id',
              'name.$': '$$.Execution.Name',
              'batch.$': '$$.Map.Item.Value',
              'index.$': '$$.Map.Item.Index',
              'run.$': '$.run',
            },
            ItemProcessor: {
              ProcessorConfig: { Mode: 'INLINE' },
              StartAt: 'One',
              States: {
                One: task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Skip' }] }),
                Skip: { Type: 'Pass', End: true },
              },
            },
            End: true,
          },
        },
      }),
    );
    const ended = await runToEnd(cloud, { run: 7, workers: 2, batches: [{ b: 0 }, { b: 1 }] }, 'first');
    const executionArn = 'arn:aws:states:us-east-1:000000000000:execution:machine:first';
    expect(outputOf(ended)).toEqual(
      [0, 1].map((index) => ({
        result: { execution: executionArn, name: 'first', batch: { b: index }, index, run: 7 },
      })),
    );
    expect(ended).toMatchObject({ status: 'SUCCEEDED', name: 'first', stateMachineArn: ARN, executionArn });
  });

  it('keeps the input if ResultPath is null, and accepts an empty list of items', async () => {
    const cloud = await start(
      fixture({
        StartAt: 'Each',
        States: {
          Each: {
            Type: 'Map',
            ItemsPath: '$.items',
            ResultPath: null,
            ItemProcessor: {
              StartAt: 'One',
              States: {
                One: task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Skip' }] }),
                Skip: { Type: 'Pass', End: true },
              },
            },
            Next: 'Last',
          },
          Last: task({ ResultPath: null }),
        },
      }),
    );
    const input = { items: [], zero: 0, no: false, nothing: null, empty: '' };
    expect(outputOf(await runToEnd(cloud, input))).toEqual(input);
  });

  it('waits until a timestamp, chooses, and preserves falsy values in paths', async () => {
    const cloud = await start(
      fixture({
        StartAt: 'Wait',
        States: {
          Wait: { Type: 'Wait', TimestampPath: '$.until', Next: 'Choose' },
          Choose: {
            Type: 'Choice',
            Choices: [
              { Variable: '$.missing', IsPresent: true, Next: 'Wrong' },
              {
                And: [
                  { Variable: '$.deferred', IsPresent: true },
                  { Variable: '$.deferred', BooleanEquals: false },
                ],
                Next: 'Right',
              },
            ],
            Default: 'Wrong',
          },
          Right: task(
            {},
            {
              Payload: {
                'zero.$': '$.zero',
                'no.$': '$.deferred',
                'nothing.$': '$.nothing',
                'none.$': '$.none',
              },
            },
          ),
          Wrong: { Type: 'Fail', Error: 'Wrong' },
        },
      }),
    );
    const until = new Date(Date.now() + 200).toISOString();
    const ended = await runToEnd(cloud, { until, deferred: false, zero: 0, nothing: null, none: [] });
    expect(outputOf(ended)).toEqual({ result: { zero: 0, no: false, nothing: null, none: [] } });
    expect(ended.stopDate?.getTime()).toBeGreaterThanOrEqual(Date.parse(until));
  });

  it('retries by error name, catches other errors with their JSON cause, and fails with values from paths', async () => {
    const failed = { Error: 'GitHubDown', IntervalSeconds: 1 };
    const cloud = await start(
      fixture({
        StartAt: 'Try',
        States: {
          Try: task({
            Parameters: {
              FunctionName: functionArn('failing'),
              Payload: { name: failed.Error, message: 'no' },
            },
            Retry: [
              { ErrorEquals: ['GitHubDown'], MaxAttempts: 1, MaxDelaySeconds: 1, JitterStrategy: 'FULL' },
            ],
            Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'Fail' }],
            End: undefined,
            Next: 'Never',
          }),
          Never: { Type: 'Succeed' },
          Fail: { Type: 'Fail', ErrorPath: '$.failure.Error', CausePath: '$.failure.Cause' },
        },
      }),
    );
    const ended = await runToEnd(cloud, {});
    expect(ended).toMatchObject({ status: 'FAILED', error: 'GitHubDown' });
    expect(JSON.parse(ended.cause ?? '')).toMatchObject({
      errorType: 'GitHubDown',
      errorMessage: 'no',
      trace: expect.arrayContaining(['GitHubDown: no']),
    });
    const attempts = (await messagesIn(cloud, '/aws/lambda/failing')).filter((line) =>
      line.startsWith('START'),
    );
    expect(attempts).toHaveLength(2);
  });

  it('times out as configured, and starts no task afterwards', async () => {
    const waiting = { Type: 'Wait', Seconds: 60, Next: 'Late' };
    const cloud = await start(
      fixture({ StartAt: 'Wait', TimeoutSeconds: 1, States: { Wait: waiting, Late: task() } }),
    );
    expect(await runToEnd(cloud, {})).toMatchObject({ status: 'TIMED_OUT' });
    await expect(messagesIn(cloud, '/aws/lambda/echo')).rejects.toThrow('does not exist');
  });

  it('logs its history without payloads when execution data is excluded', async () => {
    const logging = {
      LoggingConfiguration: {
        Level: 'ALL',
        IncludeExecutionData: false,
        Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: { 'Fn::GetAtt': ['History', 'Arn'] } } }],
      },
    };
    const { resources, ...rest } = fixture({ StartAt: 'Go', States: { Go: task() } }, logging);
    const History = {
      Type: 'AWS::Logs::LogGroup',
      Properties: { LogGroupName: '/aws/vendedlogs/states/machine' },
    };
    const cloud = await start({ resources: { ...resources, History }, ...rest });
    await runToEnd(cloud, { secret: 'in the payload' });
    const lines = await eventually(async () => {
      const found = await messagesIn(cloud, '/aws/vendedlogs/states/machine');
      return found.some((line) => line.includes('ExecutionSucceeded')) ? found : undefined;
    });
    const types = lines.map((line) => JSON.parse(line).type);
    expect(types).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    expect(lines.join()).not.toContain('in the payload');
  });
});

describe('an execution', () => {
  const waiting = fixture({ StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 600, End: true } } });
  const begin = (name: string, input: string) =>
    new StartExecutionCommand({ stateMachineArn: ARN, name, input });

  it('can be started twice with the same input, but not with another', async () => {
    const client = stepFunctions(await start(waiting));
    const [first, second] = await Promise.all([
      client.send(begin('n', '{"a":1}')),
      client.send(begin('n', '{"a":1}')),
    ]);
    expect(second.executionArn).toBe(first.executionArn);
    expect(second.startDate).toEqual(first.startDate);
    await expect(client.send(begin('n', '{"a":2}'))).rejects.toMatchObject({
      name: 'ExecutionAlreadyExists',
    });
  });

  it('never gets the name of an ended execution', async () => {
    const client = stepFunctions(await start(waiting));
    const { executionArn } = await client.send(begin('n', '{}'));
    await client.send(new StopExecutionCommand({ executionArn, error: 'Operator', cause: 'enough' }));
    await expect(client.send(begin('n', '{}'))).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    const described = await client.send(new DescribeExecutionCommand({ executionArn }));
    expect(described).toMatchObject({ status: 'ABORTED', error: 'Operator', cause: 'enough', input: '{}' });
    expect(described.stopDate).toBeInstanceOf(Date);
  });

  it.each([
    ['an unknown machine', { stateMachineArn: `${ARN}x`, input: '{}' }, 'StateMachineDoesNotExist'],
    ['a name with a colon', { stateMachineArn: ARN, name: '09:00' }, 'InvalidName'],
    ['a name of 81 characters', { stateMachineArn: ARN, name: 'n'.repeat(81) }, 'InvalidName'],
    ['an input that is not JSON', { stateMachineArn: ARN, input: '{' }, 'InvalidExecutionInput'],
  ])('is refused for %s', async (_, input, name) => {
    const client = stepFunctions(await start(waiting));
    await expect(client.send(new StartExecutionCommand(input))).rejects.toMatchObject({ name });
  });

  it('may have a name of 80 characters, a generated name, and no input', async () => {
    const client = stepFunctions(await start(waiting));
    const longest = await client.send(
      new StartExecutionCommand({ stateMachineArn: ARN, name: 'n'.repeat(80) }),
    );
    expect(longest.executionArn?.endsWith(`:${'n'.repeat(80)}`)).toBe(true);
    const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn: ARN }));
    expect(await client.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({ input: '{}' });
  });

  it('cannot be described if it never existed', async () => {
    const client = stepFunctions(await start(waiting));
    const executionArn = `${ARN.replace('stateMachine', 'execution')}:none`;
    const asked = client.send(new DescribeExecutionCommand({ executionArn }));
    await expect(asked).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
  });
});

describe('a function that exceeds its memory', () => {
  it('is retried and then caught by the name that Lambda gives to it', async () => {
    const greedy = `export const handler = async () => {
      console.log('attempt');
      globalThis.kept = Buffer.alloc(128 * 2 ** 20, 1);
    };`;
    const definition = {
      StartAt: 'Work',
      States: {
        Work: task({
          Parameters: { FunctionName: functionArn('greedy') },
          Retry: [{ ErrorEquals: ['Runtime.OutOfMemory'], IntervalSeconds: 1, MaxAttempts: 1 }],
          Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.caught', Next: 'Caught' }],
        }),
        Caught: { Type: 'Pass', End: true },
      },
    };
    const cloud = await start({
      resources: {
        Greedy: lambdaFunction('greedy', { FunctionName: 'greedy', MemorySize: 128 }),
        Machine: stateMachine('machine', definition),
      },
      assets: { greedy },
    });
    const { caught } = Object(outputOf(await runToEnd(cloud, {})));
    expect(caught.Error).toBe('Runtime.OutOfMemory');
    expect(JSON.parse(caught.Cause)).toMatchObject({
      errorType: 'Runtime.OutOfMemory',
      errorMessage: expect.stringMatching(
        /^RequestId: \S+ Error: Runtime exited with error: signal: killed$/,
      ),
    });
    const lines = await messagesIn(cloud, '/aws/lambda/greedy');
    expect(lines.filter((line) => line.includes('attempt'))).toHaveLength(2);
  });
});
