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
  areStatusesKnown,
  isHistoryKnown,
  isTextKnown,
  type MirrorRow,
  type RevisionRow,
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
 * Lists the commits of changed items, those of GitHub as far as their first page, and finds which versions have to be read.
 * GitHub is not asked if the mirror has the history of the same commit, because a commit never changes.
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
  const known = await knownHistories(mirror, bounded);
  const wanted = bounded
    .filter((changed) => !known.has(changed))
    .map(({ seen: { itemBankId, nodeId, headCommit } }) => ({ itemBankId, nodeId, commit: headCommit }));
  const histories = await readHistories(github, wanted);
  // Time may have run out before all histories were queried. Another invocation begins the other items.
  const begun = items.filter(
    (changed) =>
      changed.byteSize > MAX_ITEM_JSON_BYTES || known.has(changed) || histories.has(changed.seen.itemBankId),
  );
  return pMap(
    begun,
    async (changed): Promise<BegunItem> => {
      const stored = known.get(changed);
      if (stored) return trace(changed, stored.map(commitOf), stored);
      const history = histories.get(changed.seen.itemBankId) ?? TOO_LARGE;
      if (history.kind !== 'read') return { ...history, changed };
      return trace(changed, history.commits, await storedRevisions(mirror, changed));
    },
    { concurrency: READS_IN_FLIGHT },
  );
}

/** The stored revisions of those items whose head is the commit that the mirror shows. */
async function knownHistories(
  mirror: Pick<Mirror, 'revisions'>,
  items: readonly ChangedItem[],
): Promise<Map<ChangedItem, RevisionRow[]>> {
  const sameHead = items.filter(
    ({ row, seen }) => row && isHistoryKnown(row) && row.headCommit === seen.headCommit,
  );
  const histories = await pMap(
    sameHead,
    async (changed) => {
      const stored = await mirror.revisions(changed.seen.itemBankId);
      const revisions = stored.filter(isReadable);
      return revisions.length > 0 && revisions.length === stored.length
        ? [[changed, revisions] as const]
        : [];
    },
    { concurrency: READS_IN_FLIGHT },
  );
  return new Map(histories.flat());
}

const commitOf = ({ itemBankId: _, sk: __, workflowStatus: ___, ...commit }: RevisionRow): Commit => commit;

/** A stored revision that this release cannot read has no more than its key. */
const isReadable = (revision: StoredRevision): revision is RevisionRow => revision.sha !== undefined;

/** Without an ITEM row there are no revisions: ITEM is written first and deleted last. */
const storedRevisions = async (
  mirror: Pick<Mirror, 'revisions'>,
  { row, seen }: ChangedItem,
): Promise<StoredRevision[]> => (row ? mirror.revisions(seen.itemBankId) : []);

const TOO_LARGE: { kind: 'failed'; failure: Failure } = {
  kind: 'failed',
  failure: {
    reason: 'ITEM_JSON_TOO_LARGE',
    message: `item.json has more than ${MAX_ITEM_JSON_BYTES} bytes`,
  },
};

function trace(changed: ChangedItem, commits: readonly Commit[], stored: StoredRevision[]): ListedItem {
  const { row, seen, byteSize } = changed;
  const known = row && areStatusesKnown(row) ? stored : [];
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
  mirror: Pick<Mirror, 'text'>,
  items: readonly TracedItem[],
): Promise<{ items: LoadedItem[]; deferral: Deferral | undefined }> {
  const { versions, deferral } = await readVersions({ github, mirror }, items);
  return { items: items.map((item) => assemble(item, versions)), deferral };
}

/**
 * Loads an item that is not short, or as much of it as one run may.
 * @throws DeferredError while its commits are listed; SyncError `GitHubCredentialsRejected`.
 */
export async function loadLongItem(
  github: GitHubContext,
  mirror: Pick<Mirror, 'revisions' | 'text'>,
  begun: BegunItem,
): Promise<{ item: LoadedItem; deferral: Deferral | undefined }> {
  const item = begun.kind === 'open' ? await traceRest(github, mirror, begun) : begun;
  const { versions, deferral } = await readVersions({ github, mirror }, [item], MAX_REQUESTS_PER_ITEM);
  return { item: assemble(item, versions), deferral };
}

async function traceRest(
  github: GitHubContext,
  mirror: Pick<Mirror, 'revisions'>,
  { changed, history }: Extract<BegunItem, { kind: 'open' }>,
): Promise<TracedItem> {
  const reading = await readRestOfHistory(github, history);
  if (reading.kind === 'failed') return { ...reading, changed };
  return trace(changed, reading.commits, await storedRevisions(mirror, changed));
}

/** What is needed of a version of item.json: of a head all of it, of any other only its workflow status. */
type Version =
  | { kind: 'read'; workflowStatus: string | undefined; file?: ItemJsonReading }
  | Extract<BlobReading, { kind: 'failed' }>;

/** The mirror's own texts are read first. GitHub is asked for the others. */
async function readVersions(
  { github, mirror }: { github: GitHubContext; mirror: Pick<Mirror, 'text'> },
  items: readonly TracedItem[],
  maxRequests?: number,
): Promise<{ versions: Map<string, Version>; deferral: Deferral | undefined }> {
  const listed = items.filter((item) => item.kind === 'listed');
  const heads = new Set(items.map(({ changed }) => changed.seen.blobOid));
  const versions = new Map<string, Version>();
  const use = (oid: string, blob: BlobReading): void =>
    void versions.set(
      oid,
      blob.kind === 'failed' ? blob : versionOf(blob.content, heads.has(oid) ? 'head' : 'older'),
    );
  const readStored = async ({ changed: { row, seen } }: ListedItem): Promise<void> => {
    const content = row && isTextKnown(row, seen.blobOid) && (await mirror.text(seen));
    if (content) use(seen.blobOid, { kind: 'read', content });
  };
  await pMap(listed, readStored, { concurrency: READS_IN_FLIGHT });
  const wanted = listed.flatMap(({ wantedBlobs }) => wantedBlobs).filter(({ oid }) => !versions.has(oid));
  const deferral = await readBlobs(github, wanted, { use, ...(maxRequests && { maxRequests }) });
  return { versions, deferral };
}

function versionOf(content: Uint8Array, kind: 'head' | 'older'): Version {
  try {
    const workflowStatus = separate(workflowStatusOf(content));
    return { kind: 'read', workflowStatus, ...(kind === 'head' && { file: readItemJson(content) }) };
  } catch (error) {
    // A file that uncovers a defect here fails alone. The error's message may quote the file.
    const name = error instanceof Error ? error.name : typeof error;
    const message = `reading the file failed unexpectedly with ${name}`;
    return { kind: 'failed', failure: { reason: 'ITEM_JSON_INVALID', message } };
  }
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
  const { item: fields, keywords, text } = file;
  const bank = { ...changed.seen, fields, keywords, itemJson: text, revisions: known };
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
