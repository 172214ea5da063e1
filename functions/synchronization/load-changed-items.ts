import pMap from 'p-map';
import { type BlobReading, fitOneRequest, readBlobs, type WantedBlob } from '../github/blobs.ts';
import type { GitHubContext } from '../github/github.ts';
import { type Commit, type OpenHistory, readHistories, readRestOfHistory } from '../github/histories.ts';
import type { Revision } from '../mirror/item-history.ts';
import {
  type ItemJsonReading,
  MAX_ITEM_JSON_BYTES,
  readItemJson,
  workflowStatusOf,
} from '../mirror/item-json.ts';
import type { Mirror } from '../mirror/mirror.ts';
import {
  areRevisionsCurrent,
  type MirrorRow,
  type SeenRepository,
  type StoredRevision,
} from '../mirror/mirror-rows.ts';
import type { BankItem } from '../mirror/plan-item.ts';
import type { Failure } from '../shared/contract/job-execution.ts';
import type { Deferral } from '../shared/deferral.ts';

/** An item whose row does not show the head of its repository. */
export interface ChangedItem {
  row: MirrorRow | undefined;
  seen: SeenRepository;
  /** Size of item.json at the head. */
  byteSize: number;
}

/** A changed item with its history, and with the blobs that the mirror does not know yet. */
interface ListedItem {
  kind: 'listed';
  changed: ChangedItem;
  commits: readonly Commit[];
  stored: StoredRevision[];
  /** Workflow status by commit, as far as the mirror has read it already. */
  knownStatuses: ReadonlyMap<string, string | undefined>;
  /** The head comes first, then the older versions, the oldest first. */
  wantedBlobs: WantedBlob[];
}

type TracedItem = ListedItem | { kind: 'failed'; changed: ChangedItem; failure: Failure };

/** An item whose history may have further pages. */
export type BegunItem = TracedItem | { kind: 'open'; changed: ChangedItem; history: OpenHistory };

/** What was read of a history that is not complete: a revision for each commit, in their order. */
interface PartOfHistory {
  stored: StoredRevision[];
  /** Undefined if its version has not been read. */
  revisions: readonly (Revision | undefined)[];
}

/** A changed item as the bank has it now, and the revisions that the mirror has of it. */
export type LoadedItem =
  | { kind: 'loaded'; bank: BankItem; stored: StoredRevision[] }
  | { kind: 'unfinished'; part: PartOfHistory }
  | { kind: 'failed'; failure: Failure; part?: PartOfHistory };

/**
 * Requests for the versions of one item in one run. This is more than 5,000 small versions need. Of large versions, which
 * are downloaded one by one, so many are an eighth of GitHub's usual quota for an hour.
 */
const MAX_REQUESTS_PER_ITEM = 500;
// DynamoDB requests of one group at a time: enough to hide their latency.
const READS_IN_FLIGHT = 10;

/**
 * Reads the histories of changed items as far as their first page, and finds which versions have to be read.
 * @returns one result for each item, in their order.
 * @throws DeferredError; SyncError `GitHubCredentialsRejected`.
 */
export async function beginItems(
  github: GitHubContext,
  mirror: Pick<Mirror, 'revisions'>,
  items: readonly ChangedItem[],
): Promise<BegunItem[]> {
  if (items.length === 0) return [];
  // A file that is too large to be stored is not downloaded either.
  const bounded = items.filter(({ byteSize }) => byteSize <= MAX_ITEM_JSON_BYTES);
  const wanted = bounded.map(({ seen: { itemBankId, nodeId, headCommit } }) => ({
    itemBankId,
    nodeId,
    commit: headCommit,
  }));
  const histories = await readHistories(github, wanted);
  // Time may have run out before all histories were queried. Another invocation begins the other items.
  const begun = items.filter(
    ({ seen, byteSize }) => byteSize > MAX_ITEM_JSON_BYTES || histories.has(seen.itemBankId),
  );
  return pMap(
    begun,
    async (changed): Promise<BegunItem> => {
      const history = histories.get(changed.seen.itemBankId) ?? TOO_LARGE;
      return history.kind === 'read' ? trace(mirror, changed, history.commits) : { ...history, changed };
    },
    { concurrency: READS_IN_FLIGHT },
  );
}

const TOO_LARGE: { kind: 'failed'; failure: Failure } = {
  kind: 'failed',
  failure: {
    reason: 'ITEM_JSON_TOO_LARGE',
    message: `item.json has more than ${MAX_ITEM_JSON_BYTES} bytes`,
  },
};

async function trace(
  mirror: Pick<Mirror, 'revisions'>,
  changed: ChangedItem,
  commits: readonly Commit[],
): Promise<ListedItem> {
  const { row, seen, byteSize } = changed;
  // Without an ITEM row there are no revisions: ITEM is written first and deleted last.
  const stored = row ? await mirror.revisions(seen.itemBankId) : [];
  const known = row && areRevisionsCurrent(row) ? stored : [];
  const knownStatuses = new Map(
    known.flatMap(({ sha, workflowStatus }) => (sha === undefined ? [] : [[sha, workflowStatus]])),
  );
  const older = commits.flatMap(({ sha, blob }) =>
    blob && !knownStatuses.has(sha) && blob.byteSize <= MAX_ITEM_JSON_BYTES ? [blob] : [],
  );
  const { nodeId, repositoryName } = seen;
  const wantedBlobs = [{ oid: seen.blobOid, byteSize }, ...older].map((blob) => ({
    ...blob,
    nodeId,
    repositoryName,
  }));
  return { kind: 'listed', changed, commits, stored, knownStatuses, wantedBlobs };
}

/** @returns undefined if it would delay the others: it needs more than one query for its history and one request for files. */
export function shortItem(item: BegunItem): TracedItem | undefined {
  if (item.kind === 'open') return undefined;
  if (item.kind === 'failed') return item;
  return fitOneRequest(item.wantedBlobs) ? item : undefined;
}

/** Loads short items. Those that GitHub or the time does not allow to read are `unfinished`. */
export async function loadShortItems(
  github: GitHubContext,
  items: readonly TracedItem[],
): Promise<{ items: LoadedItem[]; deferral: Deferral | undefined }> {
  const { versions, deferral } = await readVersions(github, items);
  return { items: items.map((item) => assemble(item, versions)), deferral };
}

/**
 * Loads an item that is not short, or as much of it as one run may.
 * @throws DeferredError while its commits are listed; SyncError `GitHubCredentialsRejected`.
 */
export async function loadLongItem(
  github: GitHubContext,
  mirror: Pick<Mirror, 'revisions'>,
  begun: BegunItem,
): Promise<{ item: LoadedItem; deferral: Deferral | undefined }> {
  const item = begun.kind === 'open' ? await traceRest(github, mirror, begun) : begun;
  const { versions, deferral } = await readVersions(github, [item], MAX_REQUESTS_PER_ITEM);
  return { item: assemble(item, versions), deferral };
}

async function traceRest(
  github: GitHubContext,
  mirror: Pick<Mirror, 'revisions'>,
  { changed, history }: Extract<BegunItem, { kind: 'open' }>,
): Promise<TracedItem> {
  const reading = await readRestOfHistory(github, history);
  return reading.kind === 'read' ? trace(mirror, changed, reading.commits) : { ...reading, changed };
}

/** What is needed of a version of item.json: of a head all of it, of any other only its workflow status. */
type Version =
  | { kind: 'read'; workflowStatus: string | undefined; file?: ItemJsonReading }
  | Extract<BlobReading, { kind: 'failed' }>;

async function readVersions(
  github: GitHubContext,
  items: readonly TracedItem[],
  maxRequests?: number,
): Promise<{ versions: Map<string, Version>; deferral: Deferral | undefined }> {
  const wanted = items.flatMap((item) => (item.kind === 'listed' ? item.wantedBlobs : []));
  const heads = new Set(items.map(({ changed }) => changed.seen.blobOid));
  const versions = new Map<string, Version>();
  const use = (oid: string, blob: BlobReading): void => {
    if (blob.kind === 'failed') versions.set(oid, blob);
    else {
      const workflowStatus = separate(workflowStatusOf(blob.content));
      const file = heads.has(oid) && { file: readItemJson(blob.content) };
      versions.set(oid, { kind: 'read', workflowStatus, ...file });
    }
  };
  const deferral = await readBlobs(github, wanted, { use, ...(maxRequests && { maxRequests }) });
  return { versions, deferral };
}

/** A copy, because a trimmed string keeps the whole original string in memory. */
const separate = (text: string | undefined): string | undefined =>
  text && Buffer.from(text, 'utf16le').toString('utf16le');

function assemble(item: TracedItem, versions: ReadonlyMap<string, Version>): LoadedItem {
  if (item.kind === 'failed') return item;
  const { changed, commits, stored, wantedBlobs } = item;
  const revisions = commits.map((commit) => revisionOf(item, commit, versions));
  const part = { stored, revisions };
  // Without an older version its revision would lack a workflow status for good, so one missing blob fails the item.
  const read = wantedBlobs.map(({ oid }) => versions.get(oid));
  const failed = read.find((version) => version?.kind === 'failed');
  if (failed?.kind === 'failed') return { ...failed, part };
  const head = versions.get(changed.seen.blobOid);
  const file = head?.kind === 'read' ? head.file : undefined;
  if (file?.kind === 'failed') return { ...file, part };
  const known = revisions.filter((revision) => revision !== undefined);
  if (!file || known.length < commits.length) return { kind: 'unfinished', part };
  const bank = { ...changed.seen, fields: file.item, itemJson: file.text, revisions: known };
  return { kind: 'loaded', bank, stored };
}

/** @returns undefined if the version of the commit has not been read. */
function revisionOf(
  { knownStatuses }: ListedItem,
  { blob, ...revision }: Commit,
  versions: ReadonlyMap<string, Version>,
): Revision | undefined {
  const withStatus = (workflowStatus: string | undefined) => ({
    ...revision,
    ...(workflowStatus !== undefined && { workflowStatus }),
  });
  const { sha } = revision;
  if (knownStatuses.has(sha)) return withStatus(knownStatuses.get(sha));
  if (!blob || blob.byteSize > MAX_ITEM_JSON_BYTES) return revision;
  const version = versions.get(blob.oid);
  return version?.kind === 'read' ? withStatus(version.workflowStatus) : undefined;
}
