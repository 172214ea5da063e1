import type { ItemBankId, JobExecutionId } from '../shared/contract/ids.ts';
import type { Failure, Outcome, Reason, RunOptions } from '../shared/contract/job-execution.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { KnownWebhook } from '../shared/contract/webhooks.ts';
import type { Table } from '../shared/dynamodb.ts';
import { markVerified, recordFailure } from './bookkeeping.ts';
import { isTombstone, type MirrorRow, type RevisionRow } from './mirror-rows.ts';
import type { ItemPlan } from './plan-item.ts';
import { announceChanges, type Publish } from './publish.ts';
import { readMirror, readRevisions } from './read-mirror.ts';
import { finishRemoval, removeItem } from './remove-item.ts';
import { writeItem } from './write-item.ts';

type Settled = Extract<Outcome, 'created' | 'updated' | 'unchanged'>;

/**
 * The mirror as a synchronization uses it. What writes gives undefined or false when another writer came in between,
 * and notes what is known of the item's webhook now, where that is anything new.
 */
export interface Mirror {
  /** The rows of these ids, without those that are on their way out. */
  read: (ids: readonly ItemBankId[]) => Promise<Map<ItemBankId, MirrorRow>>;
  revisions: (id: ItemBankId) => Promise<RevisionRow[]>;
  verify: (row: MirrorRow, webhook: Webhook) => Promise<Settled | undefined>;
  write: (plan: ItemPlan, webhook: Webhook) => Promise<Settled | undefined>;
  fail: (seen: FailedItem, trouble: Failure) => Promise<boolean>;
  remove: (id: ItemBankId, reason: Reason) => Promise<boolean>;
  /** Tells of the changes since the last call. */
  announce: () => Promise<void>;
}

type Webhook = KnownWebhook | undefined;

interface FailedItem {
  repository: ListedRepository;
  row: MirrorRow | undefined;
  webhook: Webhook;
}

export interface MirrorDependencies {
  itemsTable: Table;
  publish: Publish;
  now: () => Date;
  /** Told of what is left to be done when an item is met again. */
  log: { warn: (message: string, attributes: { error?: Error }) => void };
}

export interface MirrorUse extends Pick<RunOptions, 'dryRun'> {
  /** The run that it is for; none for a single item. */
  jobExecutionId?: JobExecutionId;
}

export function openMirror(dependencies: MirrorDependencies, { dryRun, jobExecutionId }: MirrorUse): Mirror {
  return dryRun ? dryMirror(dependencies) : writingMirror(dependencies, jobExecutionId);
}

/** Nothing is written, and everything looks as if it was. */
function dryMirror({ itemsTable }: MirrorDependencies): Mirror {
  return {
    read: async (ids) => {
      const rows = await readMirror(itemsTable, ids);
      return new Map([...rows].filter(([, row]) => !isTombstone(row)));
    },
    revisions: (id) => readRevisions(itemsTable, id),
    verify: async () => 'unchanged',
    write: async ({ outcome }) => outcome,
    fail: async () => true,
    remove: async () => true,
    announce: async () => {},
  };
}

function writingMirror(dependencies: MirrorDependencies, jobExecutionId: JobExecutionId | undefined): Mirror {
  const { itemsTable, publish, now, log } = dependencies;
  const context = () => ({ now: now(), jobExecutionId });
  // An invocation that did not live to record its results is repeated, and finds the items as it left them.
  const changeOfThisRun = (row: MirrorRow | undefined) =>
    jobExecutionId !== undefined && row?.changedBy === jobExecutionId ? row.change : undefined;
  let changed: MirrorRow[] = [];
  return {
    read: async (ids) => {
      const rows = await readMirror(itemsTable, ids);
      for (const [id, row] of rows) {
        if (!isTombstone(row)) continue;
        rows.delete(id);
        // Where it cannot be finished that is trouble with this item alone: nothing is written over a tombstone.
        await finishRemoval(itemsTable, row, publish).catch((error) =>
          log.warn(`the removal of item bank id ${id} could not be finished`, { error }),
        );
      }
      return rows;
    },
    revisions: (id) => readRevisions(itemsTable, id),
    verify: async (row, webhook) => {
      const version = await markVerified(itemsTable, row, { ...context(), webhook });
      if (version === undefined) return undefined;
      changed.push({ ...row, version });
      return changeOfThisRun(row) ?? 'unchanged';
    },
    write: async (plan, webhook) => {
      const outcome = changeOfThisRun(plan.before) === 'created' ? 'created' : plan.outcome;
      const row = await writeItem(itemsTable, { ...plan, outcome }, { ...context(), webhook });
      if (!row) return undefined;
      changed.push(row);
      return outcome;
    },
    fail: ({ repository: { repositoryName: name, ...repository }, row, webhook }, trouble) => {
      const failed = { row, seen: { ...repository, repositoryName: name }, trouble };
      return recordFailure(itemsTable, failed, { ...context(), webhook });
    },
    remove: (id, reason) => remove(dependencies, id, { ...context(), reason, publish }),
    announce: async () => {
      const rows = changed;
      changed = [];
      await announceChanges({ itemsTable, publish }, rows).catch((error) =>
        log.warn('changes could not be told of: that is done when their items are met again', {
          error,
        }),
      );
    },
  };
}

async function remove(
  { itemsTable, log }: MirrorDependencies,
  id: ItemBankId,
  request: Parameters<typeof removeItem>[2],
): Promise<boolean> {
  const row = (await readMirror(itemsTable, [id])).get(id);
  if (!row) return true;
  try {
    return (await removeItem(itemsTable, row, request)) === 'removed';
  } catch (error) {
    const left = (await readMirror(itemsTable, [id])).get(id);
    if (!left || !isTombstone(left) || !(error instanceof Error)) throw error;
    log.warn(`the removal of item bank id ${id} has begun and is finished by the next run`, { error });
    return true;
  }
}
