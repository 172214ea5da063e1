import { Duration } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, LogGroup } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { resourceNames } from '../functions/shared/contract/names.ts';
import { STATES } from '../functions/shared/contract/workflow.ts';
import { acknowledgeWildcards, anyVersion } from './acknowledgements.ts';
import { countLines } from './line-metric.ts';
import { protectionOf } from './protection.ts';
import type { Shared } from './shared.ts';
import { SyncFunction } from './sync-function.ts';
import { defineWorkflow } from './workflow-definition.ts';
import { WorkflowFunctions } from './workflow-functions.ts';

/** The state machine, with its functions and its log. */
export class ItemSynchronization extends Construct {
  readonly stateMachine: StateMachine;
  /** Counts batches that failed after all retries. */
  readonly batchesFailed: Metric;
  /** Counts executions that failed because another one was running. */
  readonly startsWhileRunning: Metric;

  constructor(scope: Construct, id: string, shared: Shared) {
    super(scope, id);
    const { stage, runDeadlineHours } = shared.settings;
    const names = resourceNames(stage);
    const { logRetention, removalPolicy } = protectionOf(shared.settings);
    const log = new LogGroup(this, 'Log', {
      logGroupName: names.stateMachineLogGroup,
      retention: logRetention,
      removalPolicy,
    });
    const functions = new WorkflowFunctions(this, 'Functions', shared);
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: names.stateMachine,
      definitionBody: DefinitionBody.fromChainable(defineWorkflow(this, functions)),
      // A run ends minutes after its deadline. One that is still running an hour later hangs.
      timeout: Duration.hours(runDeadlineHours + 1),
      tracingEnabled: true,
      logs: {
        level: LogLevel.ALL,
        includeExecutionData: false,
        destination: log,
      },
    });
    const countStates = (
      name: string,
      type: 'PassStateEntered' | 'FailStateEntered',
      state: string,
    ): Metric =>
      countLines(log, {
        name,
        stage,
        pattern: FilterPattern.all(
          FilterPattern.stringValue('$.type', '=', type),
          FilterPattern.stringValue('$.details.name', '=', state),
        ),
      });
    this.batchesFailed = countStates('BatchesFailed', 'PassStateEntered', STATES.batchFailed);
    this.startsWhileRunning = countStates('StartsWhileRunning', 'FailStateEntered', STATES.alreadyRunning);
    acknowledgeWildcards(this.stateMachine, 'The actions of log delivery and X-Ray support no resources.', [
      '*',
    ]);
    const invoked = functions.node.children.filter((child) => child instanceof SyncFunction);
    acknowledgeWildcards(
      this.stateMachine,
      'These are versions of functions of this stack.',
      invoked.map(anyVersion),
    );
  }
}
