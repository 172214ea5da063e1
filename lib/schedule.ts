import { Rule, Schedule as RuleSchedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ENV } from '../functions/shared/contract/environment.ts';
import { resourceNames } from '../functions/shared/contract/names.ts';
import type { Shared } from './shared.ts';
import { createStarterFunction } from './starter-function.ts';
import { SyncFunction } from './sync-function.ts';
import { TIMEOUTS } from './timeouts.ts';

/** The rules of the stage: the nightly start, and closing the record of an execution that could not do so itself. */
export class Schedule extends Construct {
  constructor(scope: Construct, id: string, props: Shared & { stateMachine: StateMachine }) {
    super(scope, id);
    const { settings, stateMachine, deadLetterQueue } = props;
    const names = resourceNames(settings.stage);
    new Rule(this, 'Nightly', {
      ruleName: names.scheduleRule,
      description: 'Starts the Item Synchronization Process',
      schedule: RuleSchedule.expression(settings.schedule),
      targets: [new LambdaFunction(this.createNightlyStarter(props), { deadLetterQueue })],
    });
    new Rule(this, 'ExecutionEnded', {
      ruleName: names.executionEndedRule,
      description: 'Closes the record of an execution that failed, timed out or was stopped',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          stateMachineArn: [stateMachine.stateMachineArn],
          status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
        },
      },
      targets: [new LambdaFunction(this.createCloser(props), { deadLetterQueue })],
    });
  }

  private createNightlyStarter(props: Shared & { stateMachine: StateMachine }): SyncFunction {
    const starter = createStarterFunction(this, 'StartScheduledSync', {
      ...props,
      name: 'start-scheduled-sync',
      invokedBy: 'events',
    });
    // A dry run must not take the place of the nightly run.
    props.stateMachine.grantExecution(starter, 'states:StopExecution');
    // A refused start deletes the row of its scheduled minute.
    starter.grantTable(props.tables.jobExecutions, ['DeleteItem']);
    return starter;
  }

  private createCloser(shared: Shared): SyncFunction {
    const { tables, deadLetterQueue } = shared;
    const closer = new SyncFunction(this, 'CloseExecution', {
      shared,
      name: 'close-execution',
      timeout: TIMEOUTS.record,
      deadLetterQueue,
      environment: { [ENV.jobExecutionsTable]: tables.jobExecutions.tableName },
    });
    closer.grantTable(tables.jobExecutions, ['GetItem', 'UpdateItem']);
    closer.grantReports(shared);
    return closer;
  }
}
