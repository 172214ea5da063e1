import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ENV } from '../functions/shared/contract/environment.ts';
import type { Shared } from './shared.ts';
import { acknowledgeExecutions, createStarterFunction } from './starter-function.ts';
import { SyncFunction, type SyncFunctionProps } from './sync-function.ts';
import { TIMEOUTS } from './timeouts.ts';

type ControlProps = Shared & { stateMachine: StateMachine };

/** The functions behind the routes that control a run. */
export class ExecutionControl extends Construct {
  readonly stop: SyncFunction;
  readonly restart: SyncFunction;
  readonly abandon: SyncFunction;

  constructor(scope: Construct, id: string, props: ControlProps) {
    super(scope, id);
    const { stateMachine, tables } = props;
    this.stop = this.create(props, 'StopExecution', 'stop-execution');
    this.restart = createStarterFunction(this, 'RestartExecution', {
      ...props,
      name: 'restart-execution',
      invokedBy: 'api',
    });
    // To find out whether the run left any work.
    this.restart.grantTable(tables.jobExecutions, ['BatchGetItem']);
    this.abandon = this.create(props, 'AbandonExecution', 'abandon-execution');
    this.abandon.grantReports(props);
    stateMachine.grantExecution(this.abandon, 'states:StopExecution');
    acknowledgeExecutions(this.abandon, stateMachine);
  }

  private create(shared: Shared, id: string, name: SyncFunctionProps['name']): SyncFunction {
    const { jobExecutions } = shared.tables;
    const created = new SyncFunction(this, id, {
      shared,
      name,
      timeout: TIMEOUTS.answer,
      environment: { [ENV.jobExecutionsTable]: jobExecutions.tableName },
    });
    created.grantTable(jobExecutions, ['GetItem', 'UpdateItem']);
    return created;
  }
}
