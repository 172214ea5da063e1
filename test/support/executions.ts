import type { Table } from '../../functions/dynamodb.ts';
import { type FindEnding, findEndingBy } from '../../functions/executions/liveness.ts';
import { type Lock, readExecution, readState } from '../../functions/executions/lock.ts';
import { type Start, type StartRequest, startExecution } from '../../functions/executions/start.ts';
import { jobExecutionId } from '../../functions/vocabulary.ts';
import { type Clock, createClock } from './clock.ts';
import { STATE_MACHINE_ARN, type StepFunctions } from './step-functions.ts';

/** What starts executions, on an empty table. */
export interface Job {
  table: Table;
  clock: Clock;
  now: () => Date;
  dryRunOnly: boolean;
  findEnding: FindEnding;
  start: (request?: Partial<StartRequest>) => Promise<Start>;
  lock: () => Promise<Lock | undefined>;
  record: (id: number) => ReturnType<typeof readExecution>;
}

export function createJob(table: Table, stepFunctions: StepFunctions): Job {
  const clock = createClock();
  const { now } = clock;
  let tokens = 0;
  const newToken = (): string => {
    tokens += 1;
    return `token${tokens}`;
  };
  return {
    table,
    clock,
    now,
    dryRunOnly: false,
    findEnding: findEndingBy(stepFunctions.client, now),
    start: (request) =>
      startExecution(
        {
          table,
          stepFunctions: stepFunctions.client,
          stateMachineArn: STATE_MACHINE_ARN,
          now,
          newToken,
          dryRunOnly: false,
        },
        { trigger: 'api', startedBy: 'alice', options: { dryRun: false }, ...request },
      ),
    lock: async () => (await readState(table)).active,
    record: (id) => readExecution(table, jobExecutionId(id)),
  };
}

export const executionArn = (name: string): string =>
  `${STATE_MACHINE_ARN.replace(':stateMachine:', ':execution:')}:${name}`;
