import type { ChangeTrigger } from '../shared/contract/events.ts';
import type { ItemBankId, JobExecutionId } from '../shared/contract/ids.ts';
import type { Failure, Outcome, Reason, RunOptions } from '../shared/contract/job-execution.ts';
import type { NamedRepository } from '../shared/contract/repositories.ts';
import type { Table } from '../shared/dynamodb.ts';
import {
  type FailedItem,
  type Observation,
  recordDeferrals,
  recordFailure,
  recordVerification,
  type WriteContext,
} from './bookkeeping.ts';
import { isMarked, isTombstone, type MirrorRow, type StoredRevision } from './mirror-rows.ts';
import type { ItemPlan, RevisionsPlan } from './plan-item.ts';
import { type Publish, publishChanges } from './publish.ts';
import { findSameItemId, readMirror, readRevisions, readStoredText } from './read-mirror.ts';
import { finishRemoval, removeItem } from './remove-item.ts';
import { storeRevisions, writeItem } from './write-item.ts';

/**
 * The mirror as a synchronization uses it. Methods that write return undefined or false if another writer came in
 * between. They also store the state of the project webhook, if there is anything new to store.
 */
export interface Mirror {
  /** A dry run writes nothing, and reports what would have been written. */
  isDryRun: boolean;
  /** The ITEM rows of these ids, except those that are being removed. */
  read: (ids: readonly ItemBankId[]) => Promise<Map<ItemBankId, MirrorRow>>;
  revisions: (id: ItemBankId) => Promise<StoredRevision[]>;
  /** The text of item.json, if the mirror has the one of this blob. */
  text: (item: { itemBankId: ItemBankId; blobOid: string }) => Promise<Uint8Array | undefined>;
  /** Writes nothing for a run, unless the row says something that is no longer true. */
  verify: (row: MirrorRow, observation: Observation) => Promise<SynchronizedOutcome | undefined>;
  write: (plan: ItemPlan, observation: Observation) => Promise<SynchronizedOutcome | undefined>;
  /** Stores a part of an item's history. @returns ITEM as it is now. */
  storeRevisions: (plan: RevisionsPlan) => Promise<{ row: MirrorRow | undefined } | undefined>;
  recordFailure: (
    item: Omit<FailedItem, 'failure'>,
    failure: Failure,
    observation: Observation,
  ) => Promise<boolean>;
  /** Marks items that the run has not compared with the bank. */
  recordDeferrals: (ids: readonly ItemBankId[]) => Promise<void>;
  /** Removes the item, if its row still is as it was before GitHub was asked about the repository. */
  remove: (item: RemovableItem, reason: Reason) => Promise<boolean>;
  /** Other repositories whose items have the same item id. */
  sameItemId: (item: { itemBankId: ItemBankId; itemId: string }) => Promise<NamedRepository[]>;
  /** Publishes the changes since the last call. */
  publishChanges: () => Promise<void>;
}

/** An item, and the version of its row; undefined if an earlier release has stored the answer of GitHub. */
interface RemovableItem {
  itemBankId: ItemBankId;
  version: number | undefined;
}

type SynchronizedOutcome = Extract<Outcome, 'created' | 'updated' | 'derived' | 'unchanged'>;

export interface MirrorDependencies {
  itemsTable: Table;
  publish: Publish;
  now: () => Date;
  /** Gets the errors that do not fail the synchronization, because a later one repeats the work. */
  log: { warn: (message: string, attributes: { error?: Error }) => void };
}

export interface MirrorUse extends Pick<RunOptions, 'dryRun'> {
  /** Why items are synchronized. */
  cause: ChangeTrigger;
  /** The run that uses the mirror; absent for requests and deliveries. */
  jobExecutionId?: JobExecutionId;
}

export function openMirror(dependencies: MirrorDependencies, { dryRun, ...use }: MirrorUse): Mirror {
  if (!dryRun) return new WritableMirror(dependencies, use);
  const { itemsTable } = dependencies;
  return {
    isDryRun: true,
    read: async (ids) => {
      const rows = await readMirror(itemsTable, ids);
      return new Map([...rows].filter(([, row]) => !isTombstone(row)));
    },
    revisions: (id) => readRevisions(itemsTable, id),
    text: (item) => readStoredText(itemsTable, item),
    verify: async () => 'unchanged',
    write: async ({ outcome }) => outcome,
    storeRevisions: async ({ before }) => ({ row: before }),
    recordFailure: async () => true,
    recordDeferrals: async () => {},
    remove: async () => true,
    sameItemId: (item) => findSameItemId(itemsTable, item),
    publishChanges: async () => {},
  };
}

class WritableMirror implements Mirror {
  readonly isDryRun = false;
  readonly #dependencies: MirrorDependencies;
  readonly #cause: ChangeTrigger;
  readonly #jobExecutionId: JobExecutionId | undefined;
  /** Rows as this mirror wrote them, whose changes may be unpublished. */
  #written: MirrorRow[] = [];

  constructor(dependencies: MirrorDependencies, { cause, jobExecutionId }: Omit<MirrorUse, 'dryRun'>) {
    this.#dependencies = dependencies;
    this.#cause = cause;
    this.#jobExecutionId = jobExecutionId;
  }

  async read(ids: readonly ItemBankId[]): Promise<Map<ItemBankId, MirrorRow>> {
    const { itemsTable, publish, log } = this.#dependencies;
    const rows = await readMirror(itemsTable, ids);
    for (const [id, row] of rows) {
      if (!isTombstone(row)) continue;
      rows.delete(id);
      // An error affects this item only: its tombstone stays, and no writer can overwrite it.
      await finishRemoval(itemsTable, row, publish).catch((error) =>
        log.warn(`could not finish the removal of item bank id ${id}`, { error }),
      );
    }
    return rows;
  }

  revisions(id: ItemBankId): Promise<StoredRevision[]> {
    return readRevisions(this.#dependencies.itemsTable, id);
  }

  text(item: { itemBankId: ItemBankId; blobOid: string }): Promise<Uint8Array | undefined> {
    return readStoredText(this.#dependencies.itemsTable, item);
  }

  async verify(row: MirrorRow, observation: Observation): Promise<SynchronizedOutcome | undefined> {
    const { itemsTable } = this.#dependencies;
    // A full run that completes is recorded once for all items: see freshness.ts.
    const isRecorded = this.#jobExecutionId === undefined || isMarked(row) || observation.webhook;
    const version = isRecorded ? await recordVerification(itemsTable, row, observation) : row.version;
    if (version === undefined) return undefined;
    this.#written.push({ ...row, version });
    return this.#changeOfThisRun(row) ?? 'unchanged';
  }

  async write(plan: ItemPlan, observation: Observation): Promise<SynchronizedOutcome | undefined> {
    const outcome = this.#changeOfThisRun(plan.before) === 'created' ? 'created' : plan.outcome;
    const { itemsTable } = this.#dependencies;
    const row = await writeItem(itemsTable, { ...plan, outcome }, this.#context(observation));
    if (!row) return undefined;
    this.#written.push(row);
    return outcome;
  }

  storeRevisions(plan: RevisionsPlan): Promise<{ row: MirrorRow | undefined } | undefined> {
    return storeRevisions(this.#dependencies.itemsTable, plan);
  }

  recordFailure(
    item: Omit<FailedItem, 'failure'>,
    failure: Failure,
    observation: Observation,
  ): Promise<boolean> {
    return recordFailure(this.#dependencies.itemsTable, { ...item, failure }, this.#context(observation));
  }

  recordDeferrals(ids: readonly ItemBankId[]): Promise<void> {
    return recordDeferrals(this.#dependencies, ids);
  }

  async remove({ itemBankId: id, version }: RemovableItem, reason: Reason): Promise<boolean> {
    const { itemsTable, publish, log } = this.#dependencies;
    const row = (await readMirror(itemsTable, [id])).get(id);
    if (!row) return true;
    // The repository may have come back, and its item have been synchronized.
    if (version !== undefined && row.version !== version && !isTombstone(row)) return false;
    try {
      return (await removeItem(itemsTable, row, { ...this.#run(), reason, publish })) === 'removed';
    } catch (error) {
      const left = (await readMirror(itemsTable, [id])).get(id);
      if (!left || !isTombstone(left) || !(error instanceof Error)) throw error;
      log.warn(`the removal of item bank id ${id} has begun; the next run finishes it`, { error });
      return true;
    }
  }

  sameItemId(item: { itemBankId: ItemBankId; itemId: string }): Promise<NamedRepository[]> {
    const { itemsTable, log } = this.#dependencies;
    // The item is written already, and only a warning depends on this.
    return findSameItemId(itemsTable, item).catch((error) => {
      log.warn(`could not find other items with the item id of item bank id ${item.itemBankId}`, { error });
      return [];
    });
  }

  async publishChanges(): Promise<void> {
    const { log } = this.#dependencies;
    const rows = this.#written;
    this.#written = [];
    await publishChanges(this.#dependencies, rows).catch((error) =>
      log.warn('could not publish changes; they are published when their items are synchronized again', {
        error,
      }),
    );
  }

  #run(): Omit<WriteContext, keyof Observation> {
    return { now: this.#dependencies.now(), cause: this.#cause, jobExecutionId: this.#jobExecutionId };
  }

  #context(observation: Observation): WriteContext {
    return { ...this.#run(), ...observation };
  }

  /** An invocation that died before it recorded its results is repeated, and must report the same outcomes. */
  #changeOfThisRun(row: MirrorRow | undefined): MirrorRow['change'] {
    const isOfThisRun = this.#jobExecutionId !== undefined && row?.changedBy === this.#jobExecutionId;
    return isOfThisRun ? row.change : undefined;
  }
}
