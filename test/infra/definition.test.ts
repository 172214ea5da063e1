import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { ERRORS_OF_THE_RUN, PASSING_ERRORS } from '../../functions/shared/contract/errors.ts';
import { STATES } from '../../functions/shared/contract/workflow.ts';
import { RETRIED_ERRORS } from '../../lib/workflow-definition.ts';
import { lintDefinition } from '../../local/cloud/definition-lint.ts';

interface State {
  Type: string;
  Retry?: { ErrorEquals: string[] }[];
  Catch?: { ErrorEquals: string[]; Next: string }[];
  ItemProcessor?: { StartAt: string; States: Record<string, State> };
  [field: string]: unknown;
}

const definition = await readDefinition();
const nested = Object.values(definition.States).flatMap(({ ItemProcessor }) =>
  Object.entries(ItemProcessor?.States ?? {}),
);
const states: [string, State][] = [...Object.entries(definition.States), ...nested];

describe('the state machine', () => {
  it('uses only what Amazon States Language and the embedded engine support', () => {
    expect(lintDefinition(definition)).toEqual([]);
  });

  it('has exactly the states that the contract names', () => {
    expect(states.map(([name]) => name).sort()).toEqual(Object.values(STATES).sort());
  });

  it('retries errors of the Lambda service at once and temporary errors after a minute, and no others', () => {
    const tasks = states.filter(([, { Type }]) => Type === 'Task');
    for (const [, { Retry }] of tasks) {
      expect(Retry).toEqual([
        {
          ErrorEquals: RETRIED_ERRORS,
          IntervalSeconds: 2,
          MaxAttempts: 6,
          BackoffRate: 2,
          MaxDelaySeconds: 60,
          JitterStrategy: 'FULL',
        },
        { ErrorEquals: PASSING_ERRORS, IntervalSeconds: 60, MaxAttempts: 3, BackoffRate: 2 },
      ]);
    }
    expect(tasks).toHaveLength(8);
  });

  it('leads every error of every working state to FailExecution, except errors of a single batch', () => {
    const caught = Object.fromEntries(
      states
        .filter(([, { Type }]) => Type === 'Task' || Type === 'Map')
        .map(([name, { Catch }]) => [name, Catch]),
    );
    const {
      [STATES.synchronizeBatch]: batch,
      [STATES.failBatch]: record,
      [STATES.failExecution]: fail,
      ...working
    } = caught;
    const anyError = { ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: STATES.failExecution };
    for (const [name, caughtHere] of Object.entries(working)) {
      expect(caughtHere).toEqual(name === STATES.beginExecution ? [expect.anything(), anyError] : [anyError]);
    }
    expect(working[STATES.beginExecution]?.[0]).toMatchObject({
      ErrorEquals: ['JobExecutionAlreadyRunning'],
      Next: STATES.alreadyRunning,
    });
    expect(batch).toMatchObject([
      { ErrorEquals: ERRORS_OF_THE_RUN, Next: STATES.batchEndsRun },
      { ErrorEquals: ['States.ALL'], Next: STATES.failBatch },
    ]);
    expect(record).toMatchObject([{ ErrorEquals: ['States.ALL'], Next: STATES.batchFailed }]);
    expect(fail).toMatchObject([{ ErrorEquals: ['States.ALL'], Next: STATES.executionFailed }]);
  });

  it('discards the results of batches', () => {
    expect(definition.States[STATES.synchronizeItemBankIds]).toMatchObject({
      Type: 'Map',
      ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' } },
      MaxConcurrencyPath: '$.listing.workers',
      ResultPath: null,
    });
  });

  it('passes its own ARN to BeginExecution', () => {
    expect(definition.States[STATES.beginExecution]?.['Parameters']).toMatchObject({
      Payload: { 'executionArn.$': '$$.Execution.Id' },
    });
  });
});

async function readDefinition(): Promise<{ States: Record<string, State> }> {
  const assembly = inject('assembly');
  const file = (await readdir(assembly)).find((name) => name.endsWith('.template.json'));
  const template = JSON.parse(await readFile(join(assembly, String(file)), 'utf8'));
  const machine = Object.values<{ Type: string; Properties: { DefinitionString: unknown } }>(
    template.Resources,
  ).find(({ Type }) => Type === 'AWS::StepFunctions::StateMachine');
  return JSON.parse(joined(machine?.Properties.DefinitionString));
}

/** Evaluates Fn::Join, with a placeholder for ARNs that only a deployment knows. */
function joined(value: unknown): string {
  const join = value as { 'Fn::Join': [string, unknown[]] };
  const [separator, parts] = join['Fn::Join'];
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      const isPartition = JSON.stringify(part) === '{"Ref":"AWS::Partition"}';
      return isPartition ? 'aws' : 'arn:aws:lambda:us-east-1:000000000000:function:any';
    })
    .join(separator);
}
