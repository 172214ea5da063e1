import type { ItemBankId, JobExecutionId } from '../shared/contract/ids.ts';
import type { Failure, Reason } from '../shared/contract/job-execution.ts';
import type { KnownWebhook } from '../shared/contract/webhooks.ts';
import type { ItemFields } from './item-fields.ts';
import type { HistoryFields, Revision } from './item-history.ts';

/** Raised when an item is read differently: a row of another version counts as changed. */
export const SCHEMA_VERSION = 1;

/** What is known of a repository whether its item is good or not. */
export interface KnownRepository {
  itemBankId: ItemBankId;
  nodeId: string;
  repositoryName: string;
  archived: boolean;
}

/** What tells whether an item has changed. */
export interface SeenRepository extends KnownRepository {
  /** The branch that is followed. */
  branch: string;
  /** Whether that is a `create_` branch. */
  isBeingCreated: boolean;
  headCommit: string;
  blobOid: string;
}

/** What ITEM says that follows from the bank. */
export interface ItemAttributes extends SeenRepository, ItemFields, HistoryFields {
  schemaVersion: number;
}

/** What ITEM says of the mirror itself. Times are ISO 8601. */
export interface Bookkeeping {
  /** Grows by one with each write that changes the mirror, finds it right or creates or repairs its webhook. */
  version: number;
  lastVerifiedAt?: string;
  lastChangedAt?: string;
  /** The run that changed the item last; absent where no run did. */
  changedBy?: JobExecutionId;
  /** What the last change was. */
  change?: 'created' | 'updated';
  /** What the event bus has not been told yet. */
  unannounced?: 'ItemCreated' | 'ItemUpdated';
  failure?: RecordedFailure;
  /** A large change is half written: the row counts as changed until the change is written anew. */
  incomplete?: true;
  removal?: Removal;
  /** Of the repository, which may have one whether its item is good or not. */
  webhook?: KnownWebhook;
}

/** Why the mirror could not follow the bank. What it showed before stays. */
export interface RecordedFailure extends Failure {
  /** The first of the failures that followed one another. */
  since: string;
  /** The latest. */
  at: string;
  jobExecutionId?: JobExecutionId;
}

/** The tombstone: from here on the item's rows are only deleted. */
export interface Removal {
  reason: Reason;
  at: string;
  jobExecutionId?: JobExecutionId;
}

/** The row ITEM. A repository that never had a good item.json has one too, with no head commit. */
export interface MirrorRow
  extends KnownRepository,
    Partial<Omit<ItemAttributes, keyof KnownRepository>>,
    Bookkeeping {}

/** A row ITEM with a tombstone. */
export type Tombstone = MirrorRow & { removal: Removal };

/** The row ITEM_JSON: apart from ITEM, so that ITEM is small and a nightly comparison reads and writes little. */
export interface ItemJsonRow {
  itemBankId: ItemBankId;
  sk: string;
  blobOid: string;
  /** The text of item.json, UTF-8, compressed. */
  gzip: Uint8Array;
}

export interface RevisionRow extends Revision {
  itemBankId: ItemBankId;
  sk: string;
}

/** Key of a row of the Items table. A type, so that it is an index type too. */
export type ItemKey = { itemBankId: ItemBankId; sk: string };

/** What the sort keys of revisions begin with. */
export const REVISION_PREFIX = 'REVISION#';

// Sort keys order as text: places are padded so that 2 comes before 10.
const padded = (place: number): string => String(place).padStart(6, '0');

/** Keys of the Items table. */
export const ITEM_KEYS = {
  item: (itemBankId: ItemBankId): ItemKey => ({ itemBankId, sk: 'ITEM' }),
  itemJson: (itemBankId: ItemBankId): ItemKey => ({ itemBankId, sk: 'ITEM_JSON' }),
  /** `place` in the history: 1 is the oldest. */
  revision: (itemBankId: ItemBankId, place: number, sha: string): ItemKey => ({
    itemBankId,
    sk: `${REVISION_PREFIX}${padded(place)}#${sha}`,
  }),
};

/** Attributes that do not follow from the bank: two mirrors of one bank are equal without them. */
export const BOOKKEEPING = Object.keys({
  version: true,
  lastVerifiedAt: true,
  lastChangedAt: true,
  changedBy: true,
  change: true,
  unannounced: true,
  failure: true,
  incomplete: true,
  removal: true,
  webhook: true,
} satisfies Record<keyof Bookkeeping, true>);

/** Whether the mirror shows an item, be it the one of an earlier commit. */
export const isMirrored = ({ headCommit }: MirrorRow): boolean => headCommit !== undefined;

/** What ITEM says of the repository while it shows no item. Where it shows one, all of it changes together. */
export function repositoryFacts(
  row: MirrorRow | undefined,
  { nodeId, repositoryName, archived }: KnownRepository,
): Partial<KnownRepository> {
  return row && isMirrored(row) ? {} : { nodeId, repositoryName, archived };
}

export const isTombstone = (row: MirrorRow): row is Tombstone => row.removal !== undefined;

export const nextVersion = (version = 0): number => version + 1;
