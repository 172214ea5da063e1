import { describe, expect, it } from 'vitest';
import { ERRORS_OF_THE_RUN } from '../../../functions/shared/contract/errors.ts';
import type { WorkflowFunctionName } from '../../../functions/shared/contract/functions.ts';
import { resourceNames } from '../../../functions/shared/contract/names.ts';
import { runStateMachine } from '../../../local/cloud/state-machine-run.ts';
import { readStateMachine } from '../../support/state-machine.ts';

const DONE = { deferred: false, resumeAt: '2026-11-23T09:00:00.000Z' };
const ANSWERS: Partial<Record<WorkflowFunctionName, object>> = {
  'begin-execution': { jobExecutionId: 1, deadline: DONE.resumeAt },
  'list-item-bank-ids': { ...DONE, batches: [{ batch: 0 }], workers: 1 },
  'fail-batch': {},
  'create-webhooks': DONE,
  'remove-deleted-items': DONE,
  'complete-execution': { status: 'COMPLETED' },
  'fail-execution': {},
};

/** Runs the stack's state machine with one batch, which fails with this error. All other functions succeed. */
async function runWith(errorType: string, answersByName = ANSWERS) {
  const { definition, stateMachineArn } = readStateMachine();
  const called: { name: string; payload: unknown }[] = [];
  const failure = { errorType, errorMessage: 'why', trace: [] };
  const names = resourceNames('test');
  const answers = new Map(
    Object.entries(answersByName).map(([entryPoint, answer]) => [
      names.function(entryPoint as WorkflowFunctionName),
      JSON.stringify(answer),
    ]),
  );
  const end = await runStateMachine({
    definition,
    execution: {
      executionArn: 'arn',
      stateMachineArn,
      name: 'sync-1',
      status: 'RUNNING',
      startDateMs: 0,
      input: '{}',
    },
    invoke: async (name, payload) => {
      called.push({ name, payload });
      const answer = answers.get(name);
      return answer === undefined ? { error: failure } : { payload: answer };
    },
    onEvent: () => {},
    onCall: () => {},
    warn: () => {},
  }).end;
  const callsOf = (entryPoint: WorkflowFunctionName) =>
    called.filter(({ name }) => name === names.function(entryPoint));
  return { end, callsOf };
}

describe('an error in a batch', () => {
  it.each([...ERRORS_OF_THE_RUN])('fails the run when it concerns the whole run: %s', async (name) => {
    const { end, callsOf } = await runWith(name);
    expect(end).toMatchObject({ status: 'FAILED', error: name });
    expect(callsOf('synchronize-batch')).toHaveLength(1);
    expect(callsOf('fail-execution')).toMatchObject([
      { payload: { executionArn: 'arn', error: { Error: name, Cause: expect.stringContaining('why') } } },
    ]);
    expect(callsOf('create-webhooks')).toEqual([]);
  });

  it.each(['RowMissing', 'TypeError'])(
    'does not fail the run when it concerns this batch only: %s',
    async (name) => {
      const { end, callsOf } = await runWith(name);
      expect(end).toMatchObject({ status: 'SUCCEEDED' });
      expect(callsOf('fail-batch')).toMatchObject([
        {
          payload: {
            executionArn: 'arn',
            jobExecutionId: 1,
            batch: 0,
            error: { Error: name, Cause: expect.stringContaining('why') },
          },
        },
      ]);
      expect(callsOf('complete-execution')).toHaveLength(1);
      expect(callsOf('fail-execution')).toEqual([]);
    },
  );

  it('does not fail the run even if it cannot be recorded', async () => {
    const { 'fail-batch': _, ...others } = ANSWERS;
    const { end, callsOf } = await runWith('TypeError', others);
    expect(end).toMatchObject({ status: 'SUCCEEDED' });
    expect(callsOf('fail-batch')).toHaveLength(1);
    expect(callsOf('complete-execution')).toHaveLength(1);
  });
});
