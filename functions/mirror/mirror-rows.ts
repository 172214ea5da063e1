import { CHANGE_CAUSES } from '../shared/contract/events.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { Reason } from '../shared/contract/job-execution.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import { MISSED_DELIVERIES } from '../shared/contract/webhooks.ts';
import type { Row } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import { faultsOf } from '../shared/faults.ts';
import { FieldIssueCodec, ItemBankIdCodec, JobExecutionIdCodec, KnownWebhookCodec } from '../shared/rows.ts';
import * as z from '../shared/zod.ts';
import type { ItemFields } from './item-fields.ts';
import type { HistoryFields, Revision } from './item-history.ts';
import type { Keyword } from './keywords.ts';

/**
 * Version of all rows of an item, stored in ITEM. Raise it when item.json is read differently, or when rows change so
 * that an earlier release cannot read them: a row of another version is derived anew. That takes only one more query for
 * the heads of each batch, unless one of the two versions below is raised as well.
 */
export const SCHEMA_VERSION = 3;

/**
 * The first version whose revisions have everything that this release shows of a commit. Raise it to this release's
 * version when revisions need more of GitHub than they have: the commits of each item are listed again.
 */
const COMMITS_SINCE = 3;

/**
 * The first version that read the workflow status of a revision like this release does. Raise it to this release's version
 * when the status is read differently: every earlier version of every item.json is downloaded again.
 */
const STATUSES_SINCE = 2;

/** Key of a row of the Items table. A type alias, because an interface is not assignable to an index type. */
export type ItemKey = { itemBankId: ItemBankId; sk: string };

/** What the sort keys of revisions begin with. */
export const REVISION_PREFIX = 'REVISION#';

/** Keys of the Items table. */
export const ITEM_KEYS = {
  item: (id: ItemBankId): ItemKey => ({ itemBankId: id, sk: 'ITEM' }),
  itemJson: (id: ItemBankId): ItemKey => ({ itemBankId: id, sk: 'ITEM_JSON' }),
  keywords: (id: ItemBankId): ItemKey => ({ itemBankId: id, sk: 'KEYWORDS' }),
  /**
   * `place` in the history: 1 is the oldest. Sort keys order as text, so places are padded to make 2 come before 10.
   */
  revision: (id: ItemBankId, place: number, sha: string): ItemKey => ({
    itemBankId: id,
    sk: `${REVISION_PREFIX}${String(place).padStart(6, '0')}#${sha}`,
  }),
};

/** What is compared to decide whether an item has changed. */
export interface SeenRepository extends ListedRepository {
  /** The followed branch. */
  branch: string;
  /** Whether that is a `create_` branch, or has a file `create`. */
  isBeingCreated: boolean;
  headCommit: string;
  blobOid: string;
}

/** The attributes of ITEM that follow from the bank. */
export interface ItemAttributes extends SeenRepository, ItemFields, HistoryFields {
  schemaVersion: number;
}

/** What a codec of these attributes reads. */
type Attributes<Shape extends z.core.$ZodShape> = z.output<z.ZodMiniObject<Shape, z.core.$strip>>;

// Values that are only reported. Any text is read, because after a rollback a newer release may have added a value.
const reason = z.custom<Reason>((value) => typeof value === 'string', 'expected string');

const FAILURE = {
  reason,
  message: z.string(),
  githubRequestId: z.exactOptional(z.string()),
  /** When the first of several failures in succession happened. */
  since: z.string(),
  /** When the latest one happened. */
  at: z.string(),
  jobExecutionId: z.exactOptional(JobExecutionIdCodec),
};
/** Why the mirror could not follow the bank. The item's last good state stays. */
export type RecordedFailure = Attributes<typeof FAILURE>;
const failure: z.ZodMiniType<RecordedFailure> = z.looseObject(FAILURE);

const cause = z.exactOptional(z.enum(CHANGE_CAUSES));

const REMOVAL = { reason, at: z.string(), cause, jobExecutionId: z.exactOptional(JobExecutionIdCodec) };
/** The tombstone: once ITEM has it, the item's rows are only deleted. */
export type Removal = Attributes<typeof REMOVAL>;
const removal: z.ZodMiniType<Removal> = z.looseObject(REMOVAL);

const changeEvent = z.enum(['ItemCreated', 'ItemUpdated']);

/** What ITEM says about the mirror itself. Times are ISO 8601. */
const BOOKKEEPING_ATTRIBUTES = {
  /** Grows with each write but those of a failure and of a publication. */
  version: z.int(),
  /** When the head was read from which the row was last written or verified. */
  lastVerifiedAt: z.exactOptional(z.string()),
  /** When the item was last written. */
  lastChangedAt: z.exactOptional(z.string()),
  /** The run that changed the item last; absent if no run did. */
  changedBy: z.exactOptional(JobExecutionIdCodec),
  /** The kind of the last change. `derived`: another release reads the same state of the bank differently. */
  change: z.exactOptional(z.enum(['created', 'updated', 'derived'])),
  /** Why the item changed last. If that is not yet published, why it changed since the last event. */
  cause,
  /** Of a change that a run found: whether a delivery should have announced it, and did not. */
  delivery: z.exactOptional(z.enum(MISSED_DELIVERIES)),
  /** The event that is not yet published. */
  unpublished: z.exactOptional(changeEvent),
  failure: z.exactOptional(failure),
  /** Since when runs have left the item unread: it was deferred, its batch failed, or it was not listed. */
  deferredAt: z.exactOptional(z.string()),
  /** A large change is half written: the row counts as changed until all of the change is written. */
  incomplete: z.exactOptional(z.literal(true)),
  /** Schema version of the revisions of an incomplete item, if all that are stored have it. */
  revisionsSchemaVersion: z.exactOptional(z.int()),
  removal: z.exactOptional(removal),
  /** The repository's project webhook. It can have one whether or not its item is good. */
  webhook: z.exactOptional(KnownWebhookCodec),
};

/** Attributes that do not follow from the bank: two mirrors of one bank are equal without them. */
export const BOOKKEEPING: readonly string[] = Object.keys(BOOKKEEPING_ATTRIBUTES);

// The required attributes must stay in all schema versions: a newer row without them cannot even be overwritten.
const ITEM = {
  itemBankId: ItemBankIdCodec,
  nodeId: z.string(),
  repositoryName: z.string(),
  archived: z.boolean(),
  // Absent while the repository has never had a valid item.json. Further fields of the item are an open set.
  branch: z.exactOptional(z.string()),
  isBeingCreated: z.exactOptional(z.boolean()),
  headCommit: z.exactOptional(z.string()),
  blobOid: z.exactOptional(z.string()),
  schemaVersion: z.exactOptional(z.int()),
  itemId: z.exactOptional(z.string()),
  type: z.exactOptional(z.string()),
  stimulusId: z.exactOptional(z.string()),
  workflowStatusSetAt: z.exactOptional(z.string()),
  fieldIssues: z.exactOptional(z.array(FieldIssueCodec)),
  ...BOOKKEEPING_ATTRIBUTES,
};

/**
 * The row ITEM, without the item's fields that no function reads by name. A repository that has never had a valid
 * item.json has such a row too, with no head commit.
 */
export type MirrorRow = Attributes<typeof ITEM>;

/** A row ITEM with a tombstone. */
export type Tombstone = MirrorRow & { removal: Removal };

// Earlier releases wrote the attribute `unannounced` instead of `unpublished`.
const WITH_FORMER_NAMES = { ...ITEM, unannounced: z.exactOptional(changeEvent) };

const ItemCodec: z.ZodMiniType<MirrorRow> = z.pipe(
  z.looseObject(WITH_FORMER_NAMES),
  z.transform((row) => {
    if (!row.unannounced) return row;
    const { unannounced, ...named } = row;
    return { unpublished: unannounced, ...named };
  }),
);

/** The attributes of ITEM that functions read by name. On a quiet night, nothing else of an item is read. */
export const ITEM_ATTRIBUTES: readonly string[] = Object.keys(WITH_FORMER_NAMES);

/** As much of ITEM as is needed to name the repository of an item. */
const NAMED_ITEM = {
  itemBankId: ItemBankIdCodec,
  repositoryName: z.string(),
  itemId: z.exactOptional(z.string()),
  removal: z.optional(z.unknown()),
};
export const NamedItemCodec = z.object(NAMED_ITEM);
export const NAMED_ITEM_ATTRIBUTES: readonly string[] = Object.keys(NAMED_ITEM);

const KEY = { itemBankId: ItemBankIdCodec, sk: z.string() };
export const ItemKeyCodec: z.ZodMiniType<ItemKey> = z.looseObject(KEY);

const ITEM_JSON = {
  ...KEY,
  blobOid: z.string(),
  /** The text of item.json, UTF-8, compressed. */
  gzip: z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected bytes'),
};
/** The row ITEM_JSON. It is apart from ITEM to keep ITEM small, which each run reads and writes. */
export type ItemJsonRow = Attributes<typeof ITEM_JSON>;
export const ItemJsonCodec: z.ZodMiniType<ItemJsonRow> = z.looseObject(ITEM_JSON);

const KEYWORDS = {
  ...KEY,
  /** Of the item.json that has the keywords. */
  blobOid: z.string(),
  keywords: z.array(
    z.object({ section: z.string(), content: z.string() } satisfies Record<keyof Keyword, z.ZodMiniType>),
  ),
  /** How many did not fit into the row; absent if none. */
  omitted: z.exactOptional(z.int()),
};
/** The row KEYWORDS, apart from ITEM for the same reason. An item without keywords has none. */
export type KeywordsRow = Attributes<typeof KEYWORDS>;
export const KeywordsCodec: z.ZodMiniType<KeywordsRow> = z.looseObject(KEYWORDS);

export type RevisionRow = ItemKey & Revision;
/** A stored revision. One that this release cannot read has its key only. */
export type StoredRevision = ItemKey & Partial<Revision>;
export const RevisionCodec: z.ZodMiniType<RevisionRow> = z.looseObject({
  ...KEY,
  sha: z.string(),
  committedAt: z.exactOptional(z.string()),
  authoredAt: z.exactOptional(z.string()),
  author: z.string(),
  authorLogin: z.exactOptional(z.string()),
  workflowStatus: z.exactOptional(z.string()),
} satisfies Record<keyof RevisionRow, z.ZodMiniType>);

/** Reads a row and keeps attributes that the codec does not name. @throws SyncError `RowInvalid`, `RowTooNew`. */
export function parseMirrorRow<Parsed>(codec: z.ZodMiniType<Parsed>, row: Row): Parsed {
  const { success, data, error } = codec.safeParse(row);
  if (success) return data;
  const place = `the row ${row['sk']} of item bank id ${row['itemBankId']}`;
  const message = `${place} cannot be read: ${faultsOf(error, 'row')}`;
  if (isNewer(row)) throw new SyncError('RowTooNew', message);
  throw new SyncError('RowInvalid', message);
}

/**
 * Reads ITEM. Of a row that a newer release wrote, attributes that this release cannot read are left out: such a row
 * counts as changed, and is overwritten on condition of its version.
 * @throws SyncError `RowInvalid`; `RowTooNew` if a newer row lacks a required attribute.
 */
export function parseItem(row: Row): MirrorRow {
  if (!isNewer(row)) return parseMirrorRow(ItemCodec, row);
  const unreadable = new Set(ItemCodec.safeParse(row).error?.issues.map(({ path }) => path[0]));
  const readable = Object.entries(row).filter(([name]) => !unreadable.has(name));
  return parseMirrorRow(ItemCodec, Object.fromEntries(readable));
}

const isNewer = ({ schemaVersion }: Row): boolean => Number(schemaVersion) > SCHEMA_VERSION;

/** Whether the mirror shows an item, even if it is the one of an earlier commit. */
export const isMirrored = ({ headCommit }: MirrorRow): boolean => headCommit !== undefined;

/** Whether this release can use what an earlier one stored since a version. It cannot know what a newer one stored. */
const isKnown = (version: number | undefined, since: number): boolean =>
  version !== undefined && version >= since && version <= SCHEMA_VERSION;

const SINCE = { commits: COMMITS_SINCE, statuses: STATUSES_SINCE };

/**
 * Whether the stored revisions are those of `headCommit`, with everything that this release shows of them. A revision does
 * not name the blob of its version, so that a status that has to be read again needs GitHub's list of the commits.
 */
export const isHistoryKnown = (
  { incomplete, revisionsSchemaVersion, schemaVersion }: MirrorRow,
  { commits, statuses } = SINCE,
): boolean => !incomplete && isKnown(revisionsSchemaVersion ?? schemaVersion, Math.max(commits, statuses));

/** Whether the stored revisions have their workflow status as this release reads it. */
export const areStatusesKnown = ({ revisionsSchemaVersion, schemaVersion }: MirrorRow): boolean =>
  isKnown(revisionsSchemaVersion ?? schemaVersion, STATUSES_SINCE);

/** Whether ITEM_JSON has the text of this blob in a form that this release can read. */
export const isTextKnown = ({ blobOid, schemaVersion }: MirrorRow, oid: string): boolean =>
  blobOid === oid && isKnown(schemaVersion, 1);

/** Whether the row says that the mirror may not show what the bank has. */
export const isMarked = ({ failure, deferredAt }: MirrorRow): boolean =>
  failure !== undefined || deferredAt !== undefined;

export const isTombstone = (row: MirrorRow): row is Tombstone => row.removal !== undefined;

/** The repository's attributes to update in ITEM. While ITEM shows an item, they change only together with the item. */
export function repositoryFacts(
  row: MirrorRow | undefined,
  { nodeId, repositoryName, archived }: ListedRepository,
): Partial<ListedRepository> {
  return row && isMirrored(row) ? {} : { nodeId, repositoryName, archived };
}
