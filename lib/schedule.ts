import { Rule, Schedule as RuleSchedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ENV } from '../functions/shared/contract/environment.ts';
import { resourceNames } from '../functions/shared/contract/names.ts';
import type { Shared } from './shared.ts';
import { starter } from './starter.ts';
import { SyncFunction, TIMEOUTS } from './sync-function.ts';

/** What happens by itself: the nightly start, and closing the record of a run that could not do so. */
export class Schedule extends Construct {
  constructor(scope: Construct, id: string, props: Shared & { stateMachine: StateMachine }) {
    super(scope, id);
    const { settings, stateMachine, undelivered } = props;
    const names = resourceNames(settings.stage);
    new Rule(this, 'Nightly', {
      ruleName: names.scheduleRule,
      description: 'Starts the Item Synchronization Process',
      schedule: RuleSchedule.expression(settings.schedule),
      targets: [new LambdaFunction(this.nightlyStarter(props), { deadLetterQueue: undelivered })],
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
      targets: [new LambdaFunction(this.closer(props), { deadLetterQueue: undelivered })],
    });
  }

  private nightlyStarter(props: Shared & { stateMachine: StateMachine }): SyncFunction {
    const nightly = starter(this, 'StartScheduledSync', {
      ...props,
      name: 'start-scheduled-sync',
      invokedBy: 'events',
    });
    // A start that was refused gives its scheduled minute back.
    nightly.mayUse(props.tables.jobExecutions, ['DeleteItem']);
    return nightly;
  }

  private closer(shared: Shared): SyncFunction {
    const { tables, changeEvents, undelivered } = shared;
    const closer = new SyncFunction(this, 'CloseExecution', {
      shared,
      name: 'close-execution',
      timeout: TIMEOUTS.record,
      deadLetterQueue: undelivered,
      environment: {
        [ENV.jobExecutionsTable]: tables.jobExecutions.tableName,
        [ENV.changeEventBus]: changeEvents.eventBusName,
      },
    });
    closer.mayUse(tables.jobExecutions, ['GetItem', 'UpdateItem']);
    closer.mayAnnounce(changeEvents);
    return closer;
  }
}
