import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { ENV } from '../functions/shared/contract/environment.ts';
import { JOB_PARTITION } from '../functions/shared/contract/names.ts';
import type { Shared } from './shared.ts';
import { acknowledgeExecutions } from './starter-function.ts';
import { SyncFunction } from './sync-function.ts';
import { TIMEOUTS } from './timeouts.ts';

type Props = Shared & { stateMachine: StateMachine };

/** Lists runs, and closes the record of the newest one if its execution has ended without doing so. */
export function createFindExecutions(scope: Construct, props: Props): SyncFunction {
  const { jobExecutions } = props.tables;
  const findExecutions = new SyncFunction(scope, 'FindExecutions', {
    shared: props,
    name: 'find-executions',
    timeout: TIMEOUTS.answer,
    environment: { [ENV.jobExecutionsTable]: jobExecutions.tableName },
  });
  findExecutions.grantPartition(jobExecutions, JOB_PARTITION, ['GetItem', 'UpdateItem']);
  grantClosing(findExecutions, props);
  return findExecutions;
}

/** Reads what a run did to single ids, in the rows of that run, and in the mirror since when they fail. */
export function createFindExecutionItems(scope: Construct, { tables, ...props }: Props): SyncFunction {
  const findItems = new SyncFunction(scope, 'FindExecutionItems', {
    shared: props,
    name: 'find-execution-items',
    timeout: TIMEOUTS.answer,
    environment: {
      [ENV.jobExecutionsTable]: tables.jobExecutions.tableName,
      [ENV.itemsTable]: tables.items.tableName,
    },
  });
  findItems.grantTable(tables.jobExecutions, ['GetItem', 'Query']);
  findItems.grantTable(tables.items, ['BatchGetItem']);
  return findItems;
}

/** Reads a run with its progress, and closes its record if its execution has ended without doing so. */
export function createGetExecution(scope: Construct, props: Props): SyncFunction {
  const { jobExecutions } = props.tables;
  const getExecution = new SyncFunction(scope, 'GetExecution', {
    shared: props,
    name: 'get-execution',
    timeout: TIMEOUTS.answer,
    environment: { [ENV.jobExecutionsTable]: jobExecutions.tableName },
  });
  getExecution.grantTable(jobExecutions, ['GetItem', 'UpdateItem']);
  grantClosing(getExecution, props);
  return getExecution;
}

/** Allows a function to find out whether an execution has ended, and to report the end. */
function grantClosing(reader: SyncFunction, props: Props): void {
  reader.grantReports(props);
  props.stateMachine.grantExecution(reader, 'states:DescribeExecution');
  acknowledgeExecutions(reader, props.stateMachine);
}
