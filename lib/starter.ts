import { type CfnElement, Stack } from 'aws-cdk-lib';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { ENV } from '../functions/shared/contract/environment.ts';
import { anyExecution } from './acknowledgements.ts';
import type { Shared } from './shared.ts';
import { SyncFunction, type SyncFunctionProps, TIMEOUTS } from './sync-function.ts';

interface StarterProps extends Shared, Pick<SyncFunctionProps, 'name'> {
  stateMachine: StateMachine;
  invokedBy: 'api' | 'events';
}

/** A function that registers a job execution and starts it, or finds out that one is running. */
export function starter(scope: Construct, id: string, props: StarterProps): SyncFunction {
  const { settings, tables, stateMachine, undelivered, name, invokedBy } = props;
  const created = new SyncFunction(scope, id, {
    shared: props,
    name,
    timeout: TIMEOUTS.answer,
    ...(invokedBy === 'events' && { deadLetterQueue: undelivered }),
    environment: {
      [ENV.jobExecutionsTable]: tables.jobExecutions.tableName,
      [ENV.stateMachineArn]: stateMachine.stateMachineArn,
      [ENV.dryRunOnly]: settings.dryRunOnly,
    },
  });
  created.mayUse(tables.jobExecutions, ['GetItem', 'PutItem', 'UpdateItem']);
  stateMachine.grantStartExecution(created);
  stateMachine.grantExecution(created, 'states:DescribeExecution');
  created.acknowledgeWildcards('An execution gets its name when it is started.', [
    anyExecution(nameOf(stateMachine)),
  ]);
  return created;
}

/** The name as grantExecution takes it out of the ARN. */
function nameOf(stateMachine: StateMachine): string {
  const element = stateMachine.node.defaultChild as CfnElement;
  const ref = { Ref: Stack.of(stateMachine).getLogicalId(element) };
  return JSON.stringify({ 'Fn::Select': [6, { 'Fn::Split': [':', ref] }] });
}
