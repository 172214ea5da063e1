import { addRequests } from '../executions/requests.ts';
import type { ConnectToGitHub } from '../github/connect.ts';
import { type Meter, metered } from '../github/metering.ts';
import type { WorkflowEvent } from '../shared/contract/workflow.ts';
import type { Table } from '../shared/dynamodb.ts';
import type { Invocation } from '../shared/middleware.ts';

type AccountedDependencies = Invocation & { executionsTable: Table; connect: ConnectToGitHub };

/** Does the work of a step, and adds what it asked GitHub for to the run's account, also where it failed. */
export async function onAccount<Dependencies extends AccountedDependencies, Result>(
  dependencies: Dependencies,
  { jobExecutionId }: Pick<WorkflowEvent, 'jobExecutionId'>,
  work: (dependencies: Dependencies & Meter) => Promise<Result>,
): Promise<Result> {
  const meter = metered(dependencies.connect);
  try {
    return await work({ ...dependencies, ...meter });
  } finally {
    await addRequests(dependencies, jobExecutionId, meter.used());
  }
}
