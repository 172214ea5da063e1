import { describe, expect, it } from 'vitest';
import { findUnsupported, lintDefinition } from '../../../../local/cloud/definition-lint.ts';

const pass = { Type: 'Pass', End: true };
const task = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: 'f' },
  End: true,
};
const caught = { ...task, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Skip' }] };

const machine = (state: object) => ({ StartAt: 'One', States: { One: state } });
const map = (iterated: object, more: object = {}) =>
  machine({
    Type: 'Map',
    ItemProcessor: { StartAt: 'Each', States: { Each: iterated, Skip: pass } },
    End: true,
    ...more,
  });

const toText = ({ state, fault }: ReturnType<typeof lintDefinition>[number]) => `${state ?? ''}: ${fault}`;

// asl-validator compiles its schemas in every call, which takes 0.3 seconds of CPU time and more on a busy machine.
describe('the definition lint', { timeout: 60_000 }, () => {
  it.each([
    ['a Lambda task', machine(task)],
    [
      'a task by the ARN of its function',
      machine({ ...task, Resource: 'arn:aws:lambda:us-east-1:000000000000:function:f' }),
    ],
    [
      'a caught iteration',
      map(caught, { ItemSelector: { 'item.$': '$$.Map.Item.Value', 'id.$': '$$.Execution.Id' } }),
    ],
    ['explicit JSONPath', { QueryLanguage: 'JSONPath', ...machine(task) }],
  ])('accepts %s', (_, definition) => {
    expect(lintDefinition(definition)).toEqual([]);
  });

  it.each([
    ['an unknown target', machine({ Type: 'Pass', Next: 'Nowhere' }), 'Nowhere'],
    ['an invalid definition', {}, 'SCHEMA_VALIDATION_FAILED'],
  ])('finds %s', (_, definition, fault) => {
    expect(lintDefinition(definition).map(toText).join('\n')).toContain(fault);
  });
});

describe('features that are not supported here', () => {
  it.each([
    ['JSONata', { QueryLanguage: 'JSONata', ...machine(pass) }, 'QueryLanguage JSONata'],
    ['variables', machine({ ...pass, Assign: { a: 1 } }), 'One: Assign'],
    ['heartbeats', machine({ ...task, HeartbeatSeconds: 5 }), 'One: HeartbeatSeconds'],
    [
      'another service',
      machine({ ...task, Resource: 'arn:aws:states:::dynamodb:putItem' }),
      'One: Resource arn:aws:states:::dynamodb:putItem',
    ],
    [
      'a callback',
      machine({ ...task, Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken' }),
      'waitForTaskToken',
    ],
    ['$$.State', machine({ ...task, Parameters: { 'n.$': '$$.State.Name' } }), 'One: $$.State'],
    [
      '$$.State.RetryCount outside a Task',
      machine({ Type: 'Pass', Parameters: { 'n.$': '$$.State.RetryCount' }, End: true }),
      'One: $$.State.RetryCount',
    ],
    ['$$.Map in a state', map({ ...caught, Parameters: { 'i.$': '$$.Map.Item.Index' } }), 'Each: $$.Map'],
    [
      'the input of the execution in an iteration',
      map({ ...caught, Parameters: { 'i.$': '$$.Execution.Input' } }),
      'Each: $$.Execution.Input',
    ],
    [
      'a distributed Map',
      machine({
        Type: 'Map',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'Each',
          States: { Each: caught, Skip: pass },
        },
        End: true,
      }),
      'One: a Map in mode DISTRIBUTED',
    ],
    ['tolerated failures', map(caught, { ToleratedFailurePercentage: 5 }), 'One: ToleratedFailurePercentage'],
    ['an iteration that can fail', map(task), 'One: iterates over Each, which must catch States.ALL'],
    [
      'an iteration that catches some',
      map({ ...task, Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Skip' }] }),
      'One: iterates over Each',
    ],
    [
      'two states with the same name',
      machine({ Type: 'Parallel', Branches: [{ StartAt: 'One', States: { One: pass } }], End: true }),
      'One: has the same name as another state',
    ],
  ])('include %s', (_, definition, fault) => {
    expect(findUnsupported(definition).map(toText).join('\n')).toContain(fault);
  });
});
