import type { WorkflowEvent } from '../../contract.ts';
import type { Table } from '../../dynamodb.ts';
import { addRequests } from '../../executions/requests.ts';
import type { Invocation } from '../../runtime/entry-point.ts';
import type { ConnectToGitHub } from '../../runtime/github-access.ts';
import { type Meter, metered } from '../../runtime/metering.ts';

type AccountedDependencies = Invocation & { table: Table; connect: ConnectToGitHub };

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
