import { type HistoryEvent, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { clouds, ended, stepFunctions } from '../../../support/cloud/clouds.ts';
import { eventually } from '../../../support/eventually.ts';
import {
  begin,
  Caught,
  caught,
  EXECUTION,
  FUNCTION,
  fixture,
  historyOf,
  invoke,
  outline,
} from './history-support.ts';

const start = clouds();

async function historyOfRun(states: Record<string, object>, input: object = {}): Promise<HistoryEvent[]> {
  const cloud = await start(fixture(states));
  await begin(cloud, input);
  await ended(cloud, EXECUTION);
  return historyOf(cloud);
}

describe('the history of an execution', () => {
  it('contains the events of Step Functions for a task that invokes a function', async () => {
    const events = await historyOfRun({ Go: invoke({ TimeoutSeconds: 60 }) }, { id: 1 });
    const ofLambda = { resourceType: 'lambda', resource: 'invoke' };
    const whole = { truncated: false };
    expect(events.map(({ timestamp, ...event }) => event)).toEqual([
      {
        id: 1,
        previousEventId: 0,
        type: 'ExecutionStarted',
        executionStartedEventDetails: {
          input: '{"id":1}',
          inputDetails: whole,
          roleArn: 'arn:aws:iam::000000000000:role/not-evaluated-here',
        },
      },
      {
        id: 2,
        previousEventId: 0,
        type: 'TaskStateEntered',
        stateEnteredEventDetails: { name: 'Go', input: '{"id":1}', inputDetails: whole },
      },
      {
        id: 3,
        previousEventId: 2,
        type: 'TaskScheduled',
        taskScheduledEventDetails: {
          ...ofLambda,
          region: 'us-east-1',
          parameters: JSON.stringify({ FunctionName: FUNCTION, Payload: { id: 1 } }),
          timeoutInSeconds: 60,
        },
      },
      { id: 4, previousEventId: 3, type: 'TaskStarted', taskStartedEventDetails: ofLambda },
      {
        id: 5,
        previousEventId: 4,
        type: 'TaskSucceeded',
        taskSucceededEventDetails: {
          ...ofLambda,
          output: '{"ExecutedVersion":"$LATEST","StatusCode":200,"Payload":{"id":1}}',
          outputDetails: whole,
        },
      },
      {
        id: 6,
        previousEventId: 5,
        type: 'TaskStateExited',
        stateExitedEventDetails: { name: 'Go', output: '{"id":1}', outputDetails: whole },
      },
      {
        id: 7,
        previousEventId: 6,
        type: 'ExecutionSucceeded',
        executionSucceededEventDetails: { output: '{"id":1}', outputDetails: whole },
      },
    ]);
    expect(events[0]?.timestamp).toBeInstanceOf(Date);
  });

  it('contains Lambda events for a task whose resource is a function', async () => {
    const events = await historyOfRun({ Go: { Type: 'Task', Resource: FUNCTION, End: true } }, { id: 1 });
    expect(outline(events).slice(2, 5)).toEqual([
      '3 after 2: LambdaFunctionScheduled',
      '4 after 3: LambdaFunctionStarted',
      '5 after 4: LambdaFunctionSucceeded',
    ]);
    expect(events[2]?.lambdaFunctionScheduledEventDetails).toMatchObject({
      resource: FUNCTION,
      input: '{"id":1}',
    });
  });

  it('contains every attempt of a task, and continues where the error was caught', async () => {
    const Retry = [{ ErrorEquals: ['Down'], IntervalSeconds: 1, MaxAttempts: 1, MaxDelaySeconds: 2 }];
    const events = await historyOfRun({ Try: invoke({ Retry, ...caught }), Caught }, { id: 1, failures: 9 });
    expect(outline(events).slice(1)).toEqual([
      '2 after 0: TaskStateEntered',
      '3 after 2: TaskScheduled',
      '4 after 3: TaskStarted',
      '5 after 4: TaskFailed',
      '6 after 5: TaskScheduled',
      '7 after 6: TaskStarted',
      '8 after 7: TaskFailed',
      '9 after 8: TaskStateExited',
      '10 after 9: PassStateEntered',
      '11 after 10: PassStateExited',
      '12 after 11: ExecutionSucceeded',
    ]);
    const { error, cause } = events[4]?.taskFailedEventDetails ?? {};
    expect(error).toBe('Down');
    expect(JSON.parse(cause ?? '')).toMatchObject({ errorType: 'Down', errorMessage: 'no' });
  });

  it('contains the timeout of a task and the failure of the execution', async () => {
    const slow = 'export const handler = () => new Promise((resolve) => setTimeout(resolve, 60_000));';
    const { resources } = fixture({ Go: invoke({ TimeoutSeconds: 1 }) });
    const cloud = await start({ resources, assets: { echo: slow } });
    await begin(cloud);
    await ended(cloud, EXECUTION);
    const events = await historyOf(cloud);
    expect(outline(events).slice(3)).toEqual([
      '4 after 3: TaskStarted',
      '5 after 4: TaskTimedOut',
      '6 after 5: ExecutionFailed',
    ]);
    expect(events[4]?.taskTimedOutEventDetails?.error).toBe('States.Timeout');
  });

  it('reports success of a task whose result cannot be used', async () => {
    const events = await historyOfRun({ Go: invoke({ ResultSelector: { 'a.$': '$.Payload.missing' } }) });
    expect(outline(events).slice(4)).toEqual(['5 after 4: TaskSucceeded', '6 after 5: ExecutionFailed']);
  });

  it('contains choices, waits and the error of a Fail state', async () => {
    const events = await historyOfRun({
      Choose: {
        Type: 'Choice',
        Choices: [{ Variable: '$.a', IsPresent: true, Next: 'Fail' }],
        Default: 'Wait',
      },
      Wait: { Type: 'Wait', Seconds: 0, Next: 'Fail' },
      Fail: { Type: 'Fail', Error: 'Wrong', Cause: 'because' },
    });
    expect(outline(events).slice(1)).toEqual([
      '2 after 0: ChoiceStateEntered',
      '3 after 2: ChoiceStateExited',
      '4 after 3: WaitStateEntered',
      '5 after 4: WaitStateExited',
      '6 after 5: FailStateEntered',
      '7 after 6: ExecutionFailed',
    ]);
    expect(events.at(-1)?.executionFailedEventDetails).toEqual({ error: 'Wrong', cause: 'because' });
  });

  it('links each iteration of a Map to the iteration whose slot it took over', async () => {
    const One = { Type: 'Pass', End: true };
    const map = { Type: 'Map', ItemsPath: '$.of.items', MaxConcurrency: 1, End: true };
    const events = await historyOfRun(
      { Each: { ...map, ItemProcessor: { StartAt: 'One', States: { One } } } },
      { of: { items: ['a', 'b'] } },
    );
    expect(outline(events).slice(1)).toEqual([
      '2 after 0: MapStateEntered',
      '3 after 2: MapStateStarted',
      '4 after 3: MapIterationStarted',
      '5 after 4: PassStateEntered',
      '6 after 5: PassStateExited',
      '7 after 6: MapIterationSucceeded',
      '8 after 6: MapIterationStarted',
      '9 after 8: PassStateEntered',
      '10 after 9: PassStateExited',
      '11 after 10: MapIterationSucceeded',
      '12 after 11: MapStateSucceeded',
      '13 after 11: MapStateExited',
      '14 after 13: ExecutionSucceeded',
    ]);
    expect(events[2]?.mapStateStartedEventDetails).toEqual({ length: 2 });
    expect(events[7]?.mapIterationStartedEventDetails).toEqual({ name: 'Each', index: 1 });
  });

  it('keeps concurrent iterations apart, each with its own task', async () => {
    const One = invoke(caught);
    const ItemProcessor = { StartAt: 'One', States: { One, Caught } };
    const items = [0, 1, 2].map((id) => ({ id }));
    const events = await historyOfRun({ Each: { Type: 'Map', ItemProcessor, End: true } }, items);
    const byId = new Map(events.map((event) => [event.id, event]));
    const causeOf = (event: HistoryEvent | undefined) => byId.get(event?.previousEventId);
    const outputs = events.filter(({ type }) => type === 'TaskSucceeded');
    expect(outputs).toHaveLength(3);
    for (const succeeded of outputs) {
      const scheduled = causeOf(causeOf(succeeded));
      const iteration = causeOf(causeOf(scheduled));
      const Payload = { id: iteration?.mapIterationStartedEventDetails?.index };
      const { parameters = '' } = scheduled?.taskScheduledEventDetails ?? {};
      expect(JSON.parse(parameters)).toMatchObject({ Payload });
      expect(JSON.parse(succeeded.taskSucceededEventDetails?.output ?? '')).toMatchObject({ Payload });
    }
  });

  it('contains a Map that fails twice and is then caught', async () => {
    const ItemProcessor = {
      StartAt: 'One',
      States: { One: { Type: 'Fail', Error: 'Wrong', Cause: 'because' } },
    };
    const Retry = [{ ErrorEquals: ['Wrong'], IntervalSeconds: 1, MaxAttempts: 1, MaxDelaySeconds: 2 }];
    const events = await historyOfRun(
      { Each: { Type: 'Map', ItemProcessor, Retry, ...caught, End: true }, Caught },
      [1],
    );
    expect(outline(events).slice(1)).toEqual([
      '2 after 0: MapStateEntered',
      '3 after 2: MapStateStarted',
      '4 after 3: MapIterationStarted',
      '5 after 4: FailStateEntered',
      '6 after 5: MapIterationFailed',
      '7 after 5: MapStateStarted',
      '8 after 7: MapIterationStarted',
      '9 after 8: FailStateEntered',
      '10 after 9: MapIterationFailed',
      '11 after 9: MapStateFailed',
      '12 after 11: MapStateExited',
      '13 after 12: PassStateEntered',
      '14 after 13: PassStateExited',
      '15 after 14: ExecutionSucceeded',
    ]);
  });

  it('links every branch of a Parallel to the start of the Parallel', async () => {
    const branch = (name: string) => ({ StartAt: name, States: { [name]: { Type: 'Pass', End: true } } });
    const events = await historyOfRun({
      Both: { Type: 'Parallel', Branches: [branch('Left'), branch('Right')], End: true },
    });
    expect(outline(events).slice(1, 5)).toEqual([
      '2 after 0: ParallelStateEntered',
      '3 after 2: ParallelStateStarted',
      '4 after 3: PassStateEntered',
      '5 after 3: PassStateEntered',
    ]);
    expect(outline(events).slice(-3)).toEqual([
      '8 after 7: ParallelStateSucceeded',
      '9 after 7: ParallelStateExited',
      '10 after 9: ExecutionSucceeded',
    ]);
  });

  it('can be read while the execution runs, and ends with its abort', async () => {
    const cloud = await start(fixture({ Wait: { Type: 'Wait', Seconds: 600, End: true } }));
    await begin(cloud);
    const running = await eventually(async () => {
      const events = await historyOf(cloud);
      return events.length > 1 ? events : undefined;
    });
    expect(outline(running)).toEqual(['1 after 0: ExecutionStarted', '2 after 0: WaitStateEntered']);
    const reason = { error: 'Operator', cause: 'enough' };
    await stepFunctions(cloud).send(new StopExecutionCommand({ executionArn: EXECUTION, ...reason }));
    const last = (await historyOf(cloud)).at(-1);
    expect(last).toMatchObject({ id: 3, previousEventId: 0, executionAbortedEventDetails: reason });
  });
});
