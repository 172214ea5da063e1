import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseDefinition } from '../../../../local/cloud/definition-lint.ts';
import type { InvocationResult } from '../../../../local/cloud/lambda-sandbox.ts';
import { type RunEvent, runStateMachine } from '../../../../local/cloud/state-machine-run.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const task = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: 'f', 'Payload.$': '$' },
};
const catchAll = [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }];
const caught = { Type: 'Pass', Result: 'caught', End: true };
const machine = (more: object) => ({
  StartAt: 'Go',
  States: { Go: { ...task, End: true, ...more }, Caught: caught },
});

function run(definition: object, invoke: (payload: unknown) => Promise<InvocationResult>, input = '{}') {
  const events: RunEvent[] = [];
  const execution = {
    executionArn: 'arn:e',
    stateMachineArn: 'arn:m',
    name: 'e',
    status: 'RUNNING' as const,
    startDateMs: 0,
    input,
  };
  const started = runStateMachine({
    definition: parseDefinition(JSON.stringify(definition)),
    execution,
    invoke: (_functionName, payload) => invoke(payload),
    onEvent: (event) => events.push(event),
    onCall: () => {},
    warn: (message) => expect.unreachable(message),
  });
  return { ...started, events };
}

const takes = (ms: number, payload = '"done"') =>
  new Promise<InvocationResult>((resolve) => setTimeout(() => resolve({ payload }), ms));

describe('a run', () => {
  it('waits for a task until its function has finished', async () => {
    const { end } = run(machine({}), () => takes(15 * 60_000));
    await vi.advanceTimersByTimeAsync(15 * 60_000);
    expect(await end).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('times a task out as the definition says', async () => {
    const { end } = run(machine({ TimeoutSeconds: 5 }), () => takes(60_000));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await end).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  });

  it('does not start queued tasks after a stop', async () => {
    const iterate = {
      Type: 'Map',
      MaxConcurrency: 2,
      ItemProcessor: {
        StartAt: 'Each',
        States: { Each: { ...task, Catch: catchAll, End: true }, Caught: caught },
      },
      End: true,
    };
    const invoke = vi.fn(() => takes(1_000));
    const items = Array.from({ length: 20 }, (_, index) => ({ index }));
    const { end, stop } = run(
      { StartAt: 'Each20', States: { Each20: iterate } },
      invoke,
      JSON.stringify(items),
    );
    await vi.advanceTimersByTimeAsync(500);
    stop({ error: 'Operator' });
    expect(await end).toEqual({ status: 'ABORTED', error: 'Operator' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(invoke).toHaveBeenCalledTimes(2);
  });

  it('does not end when it is closed', async () => {
    const { end, close } = run(machine({}), () => takes(1_000));
    close();
    expect(await end).toBeUndefined();
  });

  it('catches a failed function, but not a result larger than 256 KiB', async () => {
    const failing = run(machine({ Catch: catchAll }), async () => ({
      error: { errorType: 'Mine', errorMessage: 'no', trace: [] },
    }));
    expect(await failing.end).toEqual({ status: 'SUCCEEDED', output: '"caught"' });
    const large = (length: number) =>
      run(machine({ Catch: catchAll }), () => takes(0, JSON.stringify('x'.repeat(length))));
    const tooLarge = large(262_143);
    const fits = large(262_142);
    await vi.advanceTimersByTimeAsync(1);
    expect(await tooLarge.end).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect(await fits.end).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('tells a task how often it has been retried, from 0 in each of its states', async () => {
    const retry = [{ ErrorEquals: ['Mine'], IntervalSeconds: 1, MaxAttempts: 2 }];
    const counting = {
      ...task,
      Parameters: { FunctionName: 'f', Payload: { 'retries.$': '$$.State.RetryCount' } },
      Retry: retry,
    };
    const States = { One: { ...counting, Next: 'Two' }, Two: { ...counting, End: true } };
    const failed = { error: { errorType: 'Mine', errorMessage: 'no', trace: [] } };
    const answers: InvocationResult[] = [failed, failed, { payload: '{}' }, failed, { payload: '{}' }];
    const payloads: unknown[] = [];
    const { end } = run({ StartAt: 'One', States }, async (payload) => {
      payloads.push(payload);
      return answers.shift() ?? failed;
    });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await end).toMatchObject({ status: 'SUCCEEDED' });
    expect(payloads).toEqual([0, 1, 2, 0, 1].map((retries) => ({ retries })));
  });

  it('reports its events in order', async () => {
    const { end, events } = run(machine({}), () => takes(0));
    await vi.advanceTimersByTimeAsync(1);
    await end;
    expect(events.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'StateEntered',
      'StateExited',
      'ExecutionSucceeded',
    ]);
  });
});

const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

describe('a run with values that are nested too deeply', () => {
  it('fails if a function returns one', async () => {
    const { end } = run(machine({ Catch: catchAll }), async () => ({ payload: nested(1_001) }));
    expect(await end).toEqual({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'The task returned a result that is nested more than 1000 levels deep.',
    });
  });

  it('fails, and does not hang, if its engine cannot copy the input, which an earlier release accepted', async () => {
    const { end } = run(machine({}), async () => ({ payload: '1' }), nested(50_000));
    expect(await end).toEqual({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'RangeError: Maximum call stack size exceeded',
    });
  });
});
