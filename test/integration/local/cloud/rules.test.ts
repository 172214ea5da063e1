import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { stateMachine } from '../../../support/cloud/assembly.ts';
import { clouds, stepFunctions } from '../../../support/cloud/clouds.ts';
import { eventsReceived, fixture, machineArn, rule } from './cloud-support.ts';

const start = clouds();

describe('rules', () => {
  it('deliver scheduled events like those of EventBridge', async () => {
    const cloud = await start(fixture({ Rule: rule('cron(0 9 * * ? *)', 'Echo') }));
    await cloud.fireRule('daily', new Date('2026-11-23T09:00:12.345Z'));
    expect(await eventsReceived(cloud)).toEqual([
      {
        version: '0',
        id: expect.stringMatching(/^[\da-f-]{36}$/),
        'detail-type': 'Scheduled Event',
        source: 'aws.events',
        account: '000000000000',
        time: '2026-11-23T09:00:00Z',
        region: 'us-east-1',
        resources: ['arn:aws:events:us-east-1:000000000000:rule/daily'],
        detail: {},
      },
    ]);
  });

  it('do not run while disabled', async () => {
    const cloud = await start(fixture({ Rule: rule('rate(1 minute)', 'Echo', { State: 'DISABLED' }) }));
    expect(cloud.nextRuns()).toEqual([]);
  });

  it('receive the status change of an execution', async () => {
    const EventPattern = {
      source: ['aws.states'],
      'detail-type': ['Step Functions Execution Status Change'],
      detail: { stateMachineArn: [{ Ref: 'Machine' }], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
    };
    const Machine = stateMachine('machine', {
      StartAt: 'F',
      States: { F: { Type: 'Fail', Error: 'E', Cause: 'C' } },
    });
    const Rule = {
      Type: 'AWS::Events::Rule',
      Properties: { EventPattern, Targets: [{ Id: 'T', Arn: { 'Fn::GetAtt': ['Echo', 'Arn'] } }] },
    };
    const cloud = await start(fixture({ Machine, Rule }));
    const command = new StartExecutionCommand({ stateMachineArn: machineArn, name: 'n', input: '{"a":1}' });
    const { executionArn, startDate } = await stepFunctions(cloud).send(command);
    expect(await eventsReceived(cloud)).toEqual([
      expect.objectContaining({
        source: 'aws.states',
        'detail-type': 'Step Functions Execution Status Change',
        resources: [executionArn],
        detail: {
          executionArn,
          stateMachineArn: machineArn,
          name: 'n',
          status: 'FAILED',
          startDate: startDate?.getTime(),
          stopDate: expect.any(Number),
          input: '{"a":1}',
          output: null,
          inputDetails: { included: true },
          outputDetails: null,
          error: 'E',
          cause: 'C',
        },
      }),
    ]);
  });
});
