import pMap from 'p-map';
import type { HeadReading } from '../github/heads.ts';
import type { Mirror } from '../mirror/mirror.ts';
import type { MirrorRow, SeenRepository } from '../mirror/mirror-rows.ts';
import { isUnchanged, planItem } from '../mirror/plan-item.ts';
import type { Failure, Outcome } from '../shared/contract/job-execution.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { KnownWebhook } from '../shared/contract/webhooks.ts';
import { type BankItemReading, readBankItems } from './read-bank-items.ts';
import type { SynchronizationDependencies } from './synchronize-repositories.ts';

/** What is known of a repository before its item is settled. */
export interface Seen {
  repository: ListedRepository;
  row: MirrorRow | undefined;
  head: HeadReading;
}

/** What is ready to be settled. */
export interface Ready extends Seen {
  /** What is to be noted of its webhook, where that is anything new. */
  webhook: KnownWebhook | undefined;
}

/** What became of one item, its webhook aside. */
export type Settled =
  | { outcome: Extract<Outcome, 'created' | 'updated' | 'unchanged'>; revisions?: number }
  | ({ outcome: 'failed' } & Failure);

/** What becomes of an item that other writers keep changing. */
export const CONTENDED = {
  outcome: 'failed',
  reason: 'CONFLICT',
  message: 'others kept changing the item meanwhile',
} as const satisfies Settled;

/** A repository whose head is not what the mirror shows. */
export type Changed = Seen & { head: Extract<HeadReading, { kind: 'read' }> };

// Requests to DynamoDB of one group: enough to hide their latency.
const WRITES_IN_FLIGHT = 10;

export function isChanged<One extends Seen>(seen: One): seen is One & Changed {
  const { head, row, repository } = seen;
  return head.kind === 'read' && !(row && isUnchanged(row, seenOf({ repository, head })));
}

/** A head as the mirror keeps it. */
export function seenOf({ repository, head: { head } }: Pick<Changed, 'repository' | 'head'>): SeenRepository {
  const { itemBankId, nodeId, repositoryName: name, archived } = repository;
  const { branch, isBeingCreated, commit, blob } = head;
  return {
    itemBankId,
    nodeId,
    repositoryName: name,
    archived,
    branch,
    isBeingCreated,
    headCommit: commit,
    blobOid: blob.oid,
  };
}

/** @returns what became of each; nothing of those that another writer has changed in between. */
export async function settle(
  { request, mirror }: SynchronizationDependencies,
  group: readonly Ready[],
): Promise<(readonly [ListedRepository, Settled | undefined])[]> {
  const readings = await readBankItems(request, mirror, group.filter(isChanged));
  const settled = await pMap(
    group,
    async (seen) =>
      [seen.repository, await settleOne(mirror, seen, readings.get(seen.repository.itemBankId))] as const,
    { concurrency: WRITES_IN_FLIGHT },
  );
  await mirror.publishChanges();
  return settled;
}

async function settleOne(
  mirror: Mirror,
  ready: Ready,
  reading: BankItemReading | undefined,
): Promise<Settled | undefined> {
  const { row, head, webhook } = ready;
  if (head.kind === 'trouble') return fail(mirror, ready, head);
  if (!reading) return row && settledAs(await mirror.verify(row, webhook));
  if (reading.kind === 'trouble') return fail(mirror, ready, reading);
  const plan = planItem({ before: row, ...reading });
  if (plan.kind === 'failed') return fail(mirror, ready, plan.failure);
  return settledAs(await mirror.write(plan, webhook), plan.revisionsToPut.length);
}

function settledAs(
  outcome: 'created' | 'updated' | 'unchanged' | undefined,
  revisions = 0,
): Settled | undefined {
  return outcome && { outcome, ...(revisions > 0 && { revisions }) };
}

async function fail(
  mirror: Mirror,
  ready: Ready,
  { reason, message, githubRequestId }: Failure,
): Promise<Settled | undefined> {
  const trouble = { reason, message, ...(githubRequestId !== undefined && { githubRequestId }) };
  return (await mirror.recordFailure(ready, trouble, ready.webhook))
    ? { outcome: 'failed', ...trouble }
    : undefined;
}
