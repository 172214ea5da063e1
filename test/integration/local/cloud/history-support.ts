import {
  GetExecutionHistoryCommand,
  type GetExecutionHistoryInput,
  type HistoryEvent,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { Cloud } from '../../../../local/cloud/cloud.ts';
import { type Fixture, lambdaFunction, stateMachine } from '../../../support/cloud/assembly.ts';
import { stepFunctions } from '../../../support/cloud/clouds.ts';

const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:machine';
export const EXECUTION = 'arn:aws:states:us-east-1:000000000000:execution:machine:n';
export const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:echo';

/** Returns its event, after failing as often as the event says. */
const echo = `const failed = new Map();
export const handler = async (event) => {
  const times = failed.get(event.id) ?? 0;
  failed.set(event.id, times + 1);
  if (times < (event.failures ?? 0)) throw Object.assign(new Error('no'), { name: 'Down' });
  return event;
};`;

export const invoke = (more: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: FUNCTION, 'Payload.$': '$' },
  OutputPath: '$.Payload',
  End: true,
  ...more,
});

export const caught = { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] };
export const Caught = { Type: 'Pass', Result: 'caught', End: true };

const logging = {
  LoggingConfiguration: {
    Level: 'ALL',
    IncludeExecutionData: true,
    Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: { 'Fn::GetAtt': ['History', 'Arn'] } } }],
  },
};

export const fixture = (States: Record<string, object>): Fixture => ({
  resources: {
    Echo: lambdaFunction('echo', { FunctionName: 'echo' }),
    History: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'history' } },
    Machine: stateMachine('machine', { StartAt: Object.keys(States)[0], States }, logging),
  },
  assets: { echo },
});

export function begin(cloud: Cloud, input: object = {}) {
  const command = { stateMachineArn: MACHINE, name: 'n', input: JSON.stringify(input) };
  return stepFunctions(cloud).send(new StartExecutionCommand(command));
}

export async function historyOf(
  cloud: Cloud,
  more: Partial<GetExecutionHistoryInput> = {},
): Promise<HistoryEvent[]> {
  const command = new GetExecutionHistoryCommand({ executionArn: EXECUTION, ...more });
  return (await stepFunctions(cloud).send(command)).events ?? [];
}

export const outline = (events: HistoryEvent[]) =>
  events.map(({ id, previousEventId, type }) => `${id} after ${previousEventId}: ${type}`);
