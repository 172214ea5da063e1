import pMap from 'p-map';
import { type BlobReading, readBlobs, type WantedBlob } from '../github/blobs.ts';
import type { GitHubContext } from '../github/github.ts';
import { type HistoryReading, readHistories } from '../github/histories.ts';
import type { Revision } from '../mirror/item-history.ts';
import { MAX_ITEM_JSON_BYTES, readItemJson, workflowStatusOf } from '../mirror/item-json.ts';
import type { Mirror } from '../mirror/mirror.ts';
import {
  type MirrorRow,
  SCHEMA_VERSION,
  type SeenRepository,
  type StoredRevision,
} from '../mirror/mirror-rows.ts';
import type { BankItem } from '../mirror/plan-item.ts';
import type { Failure } from '../shared/contract/job-execution.ts';

/** An item whose row does not show the head of its repository. */
export interface ChangedItem {
  row: MirrorRow | undefined;
  seen: SeenRepository;
  /** Size of item.json at the head. */
  byteSize: number;
}

/** A changed item as the bank has it now, and the revisions that the mirror has of it. */
export type LoadedItem =
  | { kind: 'loaded'; bank: BankItem; stored: StoredRevision[] }
  | { kind: 'failed'; failure: Failure };

/** A changed item with its history, and with the blobs that the mirror does not know yet. */
interface TracedItem {
  changed: ChangedItem;
  history: HistoryReading;
  stored: StoredRevision[];
  /** Workflow status by commit, as far as the mirror has read it already. */
  knownStatuses: ReadonlyMap<string, string | undefined>;
  wantedBlobs: WantedBlob[];
}

// DynamoDB requests of one group at a time: enough to hide their latency.
const READS_IN_FLIGHT = 10;

/**
 * Loads changed items from the bank: their complete histories, the file at their heads, and the file at each commit that
 * the mirror does not know.
 * @returns one result for each item, in their order.
 * @throws DeferredError; SyncError `GitHubCredentialsRejected`.
 */
export async function loadChangedItems(
  github: GitHubContext,
  mirror: Pick<Mirror, 'revisions'>,
  changed: readonly ChangedItem[],
): Promise<LoadedItem[]> {
  if (changed.length === 0) return [];
  // A file that is too large to be stored is not downloaded either.
  const bounded = changed.filter(({ byteSize }) => byteSize <= MAX_ITEM_JSON_BYTES);
  const histories = await readHistories(
    github,
    bounded.map(({ seen: { itemBankId, nodeId, headCommit } }) => ({
      itemBankId,
      nodeId,
      commit: headCommit,
    })),
  );
  const traced = await pMap(
    changed,
    async (item) => {
      // Without an ITEM row there are no revisions: ITEM is written first and deleted last.
      const stored = item.row ? await mirror.revisions(item.seen.itemBankId) : [];
      return trace(item, histories.get(item.seen.itemBankId) ?? TOO_LARGE, stored);
    },
    { concurrency: READS_IN_FLIGHT },
  );
  const blobs = await readBlobs(
    github,
    traced.flatMap(({ wantedBlobs }) => wantedBlobs),
  );
  return traced.map((item) => assemble(item, blobs));
}

const TOO_LARGE: HistoryReading = {
  kind: 'failed',
  failure: {
    reason: 'ITEM_JSON_TOO_LARGE',
    message: `item.json has more than ${MAX_ITEM_JSON_BYTES} bytes`,
  },
};

function trace(changed: ChangedItem, history: HistoryReading, stored: StoredRevision[]): TracedItem {
  const { row, seen, byteSize } = changed;
  // Statuses that another release stored are read again.
  const known = row?.schemaVersion === SCHEMA_VERSION ? stored : [];
  const knownStatuses = new Map(
    known.flatMap(({ sha, workflowStatus }) => (sha === undefined ? [] : [[sha, workflowStatus]])),
  );
  if (history.kind === 'failed') return { changed, history, stored, knownStatuses, wantedBlobs: [] };
  const older = history.commits.flatMap(({ sha, blob }) =>
    blob && !knownStatuses.has(sha) && blob.byteSize <= MAX_ITEM_JSON_BYTES ? [blob] : [],
  );
  const { nodeId, repositoryName } = seen;
  const wantedBlobs = [{ oid: seen.blobOid, byteSize }, ...older].map((blob) => ({
    ...blob,
    nodeId,
    repositoryName,
  }));
  return { changed, history, stored, knownStatuses, wantedBlobs };
}

const MISSING_BLOB: BlobReading = {
  kind: 'failed',
  failure: { reason: 'GITHUB_ERROR', message: 'GitHub did not return a version of item.json' },
};

function assemble(
  { changed: { seen }, history, stored, knownStatuses, wantedBlobs }: TracedItem,
  blobs: ReadonlyMap<string, BlobReading>,
): LoadedItem {
  if (history.kind === 'failed') return history;
  // Without an older version its revision would lack a workflow status for good, so one missing blob fails the item.
  for (const { oid } of wantedBlobs) {
    const blob = blobs.get(oid) ?? MISSING_BLOB;
    if (blob.kind === 'failed') return blob;
  }
  const contentOf = (oid: string): Uint8Array | undefined => {
    const blob = blobs.get(oid);
    return blob?.kind === 'read' ? blob.content : undefined;
  };
  const file = readItemJson(contentOf(seen.blobOid) ?? new Uint8Array());
  if (file.kind === 'failed') return file;
  const revisions = history.commits.map(({ sha, authoredAt, author, blob }): Revision => {
    const content = blob && contentOf(blob.oid);
    const workflowStatus = knownStatuses.has(sha)
      ? knownStatuses.get(sha)
      : content && workflowStatusOf(content);
    return {
      sha,
      ...(authoredAt !== undefined && { authoredAt }),
      author,
      ...(workflowStatus !== undefined && { workflowStatus }),
    };
  });
  return { kind: 'loaded', bank: { ...seen, fields: file.item, itemJson: file.text, revisions }, stored };
}
