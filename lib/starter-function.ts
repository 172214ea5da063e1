import { type CfnElement, Stack } from 'aws-cdk-lib';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { ENV } from '../functions/shared/contract/environment.ts';
import { anyExecution } from './acknowledgements.ts';
import type { Shared } from './shared.ts';
import { SyncFunction, type SyncFunctionProps } from './sync-function.ts';
import { TIMEOUTS } from './timeouts.ts';

interface StarterProps extends Shared, Pick<SyncFunctionProps, 'name'> {
  stateMachine: StateMachine;
  invokedBy: 'api' | 'events';
}

/** Creates a function that registers and starts a job execution, unless one is running. */
export function createStarterFunction(scope: Construct, id: string, props: StarterProps): SyncFunction {
  const { settings, tables, stateMachine, deadLetterQueue, name, invokedBy } = props;
  const starter = new SyncFunction(scope, id, {
    shared: props,
    name,
    timeout: TIMEOUTS.answer,
    ...(invokedBy === 'events' && { deadLetterQueue }),
    environment: {
      [ENV.jobExecutionsTable]: tables.jobExecutions.tableName,
      [ENV.stateMachineArn]: stateMachine.stateMachineArn,
      [ENV.dryRunOnly]: settings.dryRunOnly,
    },
  });
  starter.grantTable(tables.jobExecutions, ['GetItem', 'PutItem', 'UpdateItem']);
  // A run that Step Functions refuses to start has ended.
  starter.grantReports(props);
  stateMachine.grantStartExecution(starter);
  stateMachine.grantExecution(starter, 'states:DescribeExecution');
  acknowledgeExecutions(starter, stateMachine);
  return starter;
}

/** Acknowledges to cdk-nag that a function may act on every execution of a state machine. */
export function acknowledgeExecutions(lambdaFunction: SyncFunction, stateMachine: StateMachine): void {
  lambdaFunction.acknowledgeWildcards('The name of an execution is chosen when it is started.', [
    anyExecution(nameOf(stateMachine)),
  ]);
}

/** The expression by which grantExecution gets the name out of the ARN. */
function nameOf(stateMachine: StateMachine): string {
  const element = stateMachine.node.defaultChild as CfnElement;
  const ref = { Ref: Stack.of(stateMachine).getLogicalId(element) };
  return JSON.stringify({ 'Fn::Select': [6, { 'Fn::Split': [':', ref] }] });
}
