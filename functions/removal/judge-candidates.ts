import pMap from 'p-map';
import { readBatch, recordVerdicts, type Verdict } from '../executions/batch.ts';
import { type FoundRepository, findRepository } from '../github/find-repository.ts';
import type { JobExecutionId } from '../shared/contract/ids.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { WorkflowEvent } from '../shared/contract/workflow.ts';
import type { Table } from '../shared/dynamodb.ts';
import { MOST_PER_WORKER } from '../synchronization/bring-up-to-date.ts';
import { outOfTime } from '../synchronization/deferral.ts';
import { type Pause, pauseFor } from '../synchronization/pause.ts';
import type { RemovalDependencies } from './choose-candidates.ts';
import type { Removal } from './removal-rows.ts';

/** Asks GitHub for each candidate, and keeps what it said. @returns why some were not asked for. */
export async function judgeCandidates(
  dependencies: RemovalDependencies,
  event: WorkflowEvent,
  { batches }: Removal,
): Promise<Pause | undefined> {
  for (const batch of batches) {
    const pause = await judgeBatch(dependencies, event, batch);
    if (pause) return pause;
  }
  return undefined;
}

async function judgeBatch(
  dependencies: RemovalDependencies,
  { jobExecutionId: id, deadline }: WorkflowEvent,
  batch: number,
): Promise<Pause | undefined> {
  const { executionsTable, connect } = dependencies;
  const { repositories, verdicts } = await readBatch(executionsTable, id, batch);
  const unjudged = repositories.filter(({ itemBankId }) => !verdicts[itemBankId]);
  if (unjudged.length === 0) return undefined;
  const request = { ...dependencies, ...(await connect()) };
  let pause: Pause | undefined;
  const judge = async ({ itemBankId }: ListedRepository): Promise<void> => {
    pause ??= outOfTime(dependencies, deadline);
    if (pause) return;
    try {
      verdicts[itemBankId] = verdictOf(await findRepository(request, itemBankId), dependencies.ignored);
    } catch (error) {
      pause = pauseFor(error);
    }
  };
  await pMap(unjudged, judge, { concurrency: MOST_PER_WORKER });
  await recordVerdicts(executionsTable, { id, batch }, verdicts);
  return pause;
}

function verdictOf(found: FoundRepository, ignored: ReadonlySet<string>): Verdict {
  switch (found.kind) {
    case 'gone':
      return { kind: 'remove', reason: 'DELETED' };
    case 'transferred':
      return { kind: 'remove', reason: 'TRANSFERRED' };
    case 'in-bank':
      return ignored.has(found.repository.repositoryName)
        ? { kind: 'remove', reason: 'IGNORED' }
        : { kind: 'keep', repository: found.repository };
    case 'trouble': {
      const { kind: _, ...failure } = found;
      return { kind: 'failed', failure };
    }
  }
}

export async function countRemovable(
  executionsTable: Table,
  id: JobExecutionId,
  { batches }: Removal,
): Promise<number> {
  let removable = 0;
  for (const batch of batches) {
    const { verdicts } = await readBatch(executionsTable, id, batch);
    removable += Object.values(verdicts).filter(({ kind }) => kind === 'remove').length;
  }
  return removable;
}
