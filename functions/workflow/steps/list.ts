import type { ListItemBankIdsResult, WorkflowEvent } from '../../contract.ts';
import type { Table } from '../../dynamodb.ts';
import { SyncError } from '../../errors.ts';
import { type Listing, readListing, writeListing } from '../../executions/listing.ts';
import { assertHoldsLock } from '../../executions/lock.ts';
import { type ListRequest, listRepositories } from '../../item-bank/list-repositories.ts';
import type { Invocation } from '../../runtime/entry-point.ts';
import type { ConnectToGitHub } from '../../runtime/github-access.ts';
import { pauseFor } from '../../synchronization/pause.ts';
import { deferredUntil, done, resumesWithin } from './deferral.ts';
import { story } from './story.ts';

export type ListDependencies = Invocation &
  Omit<ListRequest, 'github'> & { table: Table; connect: ConnectToGitHub };

// GitHub allows 100 requests in flight. Ten workers with nine each stay below it.
const MOST_WORKERS = 10;

/** Lists the bank and cuts it into batches. A repeated invocation finds what the first one wrote. */
export async function list(
  dependencies: ListDependencies,
  { executionArn, jobExecutionId, deadline }: WorkflowEvent,
): Promise<ListItemBankIdsResult> {
  const { table, log } = dependencies;
  await assertHoldsLock(table, executionArn);
  const known = await readListing(table, jobExecutionId);
  if (known) {
    story.listedBefore(log, known.total);
    return { ...done(dependencies), ...work(known) };
  }
  try {
    return { ...done(dependencies), ...work(await listNow(dependencies, jobExecutionId)) };
  } catch (error) {
    const pause = pauseFor(error);
    if (!resumesWithin(deadline, pause)) {
      throw new SyncError('GitHubUnavailable', `GitHub asks to wait beyond the deadline: ${pause.why}`);
    }
    story.waiting(log, pause.resumeAt.toISOString(), pause.why);
    return { ...deferredUntil(pause), batches: [], workers: 1 };
  }
}

async function listNow(
  dependencies: ListDependencies,
  id: WorkflowEvent['jobExecutionId'],
): Promise<Listing> {
  const { log, now, connect } = dependencies;
  story.listing(log);
  const startedAt = now().getTime();
  const { github } = await connect();
  const bank = await listRepositories({ ...dependencies, github });
  const listing = await writeListing(dependencies, id, { ...bank, webhookShare: 1 });
  story.listed(log, listing.total, Math.round((now().getTime() - startedAt) / 1_000));
  if (!bank.complete) story.listingIncomplete(log, bank.found, bank.announced);
  return listing;
}

function work({ batches }: Listing): Pick<ListItemBankIdsResult, 'batches' | 'workers'> {
  // The Map takes 0 for "no limit".
  return { batches, workers: Math.max(1, Math.min(MOST_WORKERS, batches.length)) };
}
