import { readExecution } from '../../functions/executions/job-execution.ts';
import { type FindEnding, findEndingBy } from '../../functions/executions/liveness.ts';
import { type Lock, readState } from '../../functions/executions/lock.ts';
import { type Start, type StartRequest, startExecution } from '../../functions/executions/start.ts';
import { jobExecutionId } from '../../functions/shared/contract/ids.ts';
import type { Table } from '../../functions/shared/dynamodb.ts';
import { type Clock, createClock } from './clock.ts';
import { STATE_MACHINE_ARN, type StepFunctions } from './step-functions.ts';

/** Starts executions on an empty table. */
export interface Job {
  executionsTable: Table;
  clock: Clock;
  now: () => Date;
  dryRunOnly: boolean;
  findEnding: FindEnding;
  start: (request?: Partial<StartRequest>) => Promise<Start>;
  lock: () => Promise<Lock | undefined>;
  record: (id: number) => ReturnType<typeof readExecution>;
}

export function createJob(executionsTable: Table, stepFunctions: StepFunctions): Job {
  const clock = createClock();
  const { now } = clock;
  let tokens = 0;
  const newToken = (): string => {
    tokens += 1;
    return `token${tokens}`;
  };
  return {
    executionsTable,
    clock,
    now,
    dryRunOnly: false,
    findEnding: findEndingBy(stepFunctions.client, now),
    start: (request) =>
      startExecution(
        {
          executionsTable,
          stepFunctions: stepFunctions.client,
          stateMachineArn: STATE_MACHINE_ARN,
          now,
          newToken,
          dryRunOnly: false,
          reportEnd: async () => {},
        },
        { trigger: 'api', startedBy: 'alice', options: { dryRun: false }, ...request },
      ),
    lock: async () => (await readState(executionsTable)).active,
    record: (id) => readExecution(executionsTable, jobExecutionId(id)),
  };
}

export const executionArn = (name: string): string =>
  `${STATE_MACHINE_ARN.replace(':stateMachine:', ':execution:')}:${name}`;
