import pMap from 'p-map';
import type { WorkflowEvent } from '../../contract.ts';
import type { Table } from '../../dynamodb.ts';
import { readBatch } from '../../executions/progress.ts';
import { type Removal, readVerdicts, recordVerdicts, type Verdict } from '../../executions/removal.ts';
import { type FoundRepository, findRepository } from '../../item-bank/find-repository.ts';
import { type Pause, pauseFor } from '../../synchronization/pause.ts';
import type { JobExecutionId, ListedRepository } from '../../vocabulary.ts';
import { MOST_PER_WORKER } from './bring-up-to-date.ts';
import type { RemovalDependencies } from './choose-candidates.ts';
import { outOfTime } from './deferral.ts';

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
  const { table, connect } = dependencies;
  const { repositories } = await readBatch(table, id, batch);
  const verdicts = await readVerdicts(table, id, batch);
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
  await recordVerdicts(table, { id, batch }, verdicts);
  return pause;
}

function verdictOf(found: FoundRepository, ignored: ReadonlySet<string>): Verdict {
  switch (found.kind) {
    case 'gone':
      return { kind: 'remove', reason: 'DELETED' };
    case 'transferred':
      return { kind: 'remove', reason: 'TRANSFERRED' };
    case 'in-bank':
      return ignored.has(found.repository.name)
        ? { kind: 'remove', reason: 'IGNORED' }
        : { kind: 'keep', repository: found.repository };
    case 'trouble': {
      const { kind: _, ...trouble } = found;
      return { kind: 'failed', trouble };
    }
  }
}

export async function countRemovable(
  table: Table,
  id: JobExecutionId,
  { batches }: Removal,
): Promise<number> {
  let removable = 0;
  for (const batch of batches) {
    const verdicts = Object.values(await readVerdicts(table, id, batch));
    removable += verdicts.filter(({ kind }) => kind === 'remove').length;
  }
  return removable;
}
