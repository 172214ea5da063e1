import pMap from 'p-map';
import { type BlobReading, readBlobs, type WantedBlob } from '../github/blobs.ts';
import { type Commit, type HistoryReading, readHistories } from '../github/histories.ts';
import type { Revision } from '../mirror/item-history.ts';
import { MAX_ITEM_JSON_BYTES, readItemJson, workflowStatusOf } from '../mirror/item-json.ts';
import type { Mirror } from '../mirror/mirror.ts';
import { SCHEMA_VERSION, type StoredRevision } from '../mirror/mirror-rows.ts';
import type { BankItem } from '../mirror/plan-item.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { Failure } from '../shared/contract/job-execution.ts';
import type { WebhookRequest } from '../webhooks/webhooks.ts';
import { type Changed, seenOf } from './settle.ts';

/** An item as the bank has it now, and the revisions that the mirror has of it. */
export type BankItemReading =
  | { kind: 'read'; bank: BankItem; stored: StoredRevision[] }
  | ({ kind: 'trouble' } & Failure);

/** A changed item, and what was read of its history. */
interface Traced {
  changed: Changed;
  history: HistoryReading;
  stored: StoredRevision[];
}

type Blobs = ReadonlyMap<string, BlobReading>;

// Requests to DynamoDB of one group: enough to hide their latency.
const READS_IN_FLIGHT = 10;

/**
 * Reads changed items: their complete histories, the file at their heads, and the file as of each commit that the
 * mirror does not know.
 * @throws RateLimited; SyncError `GitHubCredentialsRejected`.
 */
export async function readBankItems(
  request: WebhookRequest,
  mirror: Mirror,
  changed: readonly Changed[],
): Promise<Map<ItemBankId, BankItemReading>> {
  if (changed.length === 0) return new Map();
  const histories = await readHistories(request, changed.filter(isOfBoundedSize).map(wantedHistory));
  const trace = async (one: Changed): Promise<Traced> => ({
    changed: one,
    history: histories.get(one.repository.itemBankId) ?? TOO_LARGE,
    // Without an ITEM row there are none: it is the first to come and the last to go.
    stored: one.row ? await mirror.revisions(one.repository.itemBankId) : [],
  });
  const traced = await pMap(changed, trace, { concurrency: READS_IN_FLIGHT });
  const blobs = await readBlobs(request, traced.flatMap(wantedBlobs));
  return new Map(traced.map((one) => [one.changed.repository.itemBankId, readingOf(one, blobs)]));
}

const TOO_LARGE = {
  kind: 'trouble',
  reason: 'ITEM_JSON_TOO_LARGE',
  message: `item.json has more than ${MAX_ITEM_JSON_BYTES} bytes`,
} as const;

// A file that is not going to be kept is not worth its way.
const isOfBoundedSize = ({ head }: Changed): boolean => head.head.blob.byteSize <= MAX_ITEM_JSON_BYTES;

const wantedHistory = ({ repository, head }: Changed) => ({ ...repository, commit: head.head.commit });

function wantedBlobs({ changed, history, stored }: Traced): WantedBlob[] {
  if (history.kind === 'trouble') return [];
  const { repository, head } = changed;
  const known = knownStatuses(changed, stored);
  const older = history.commits.flatMap(({ sha, blob }) =>
    blob && !known.has(sha) && blob.byteSize <= MAX_ITEM_JSON_BYTES ? [blob] : [],
  );
  return [head.head.blob, ...older].map((blob) => ({
    ...blob,
    nodeId: repository.nodeId,
    repository: repository.repositoryName,
  }));
}

function readingOf(traced: Traced, blobs: Blobs): BankItemReading {
  const { changed, history, stored } = traced;
  if (history.kind === 'trouble') return history;
  // An older file that could not be had today would be a revision without a status for ever.
  const troubled = wantedBlobs(traced).map(({ oid }) => blobs.get(oid) ?? MISSING);
  const trouble = troubled.find((blob) => blob.kind === 'trouble');
  if (trouble) return trouble;
  const seen = seenOf(changed);
  const file = readItemJson(contentOf(seen.blobOid, blobs) ?? new Uint8Array());
  if (file.kind === 'failed') return { kind: 'trouble', ...file.failure };
  const bank: BankItem = {
    ...seen,
    fields: file.item,
    itemJson: file.text,
    revisions: revisionsOf(history.commits, knownStatuses(changed, stored), blobs),
  };
  return { kind: 'read', bank, stored };
}

const MISSING = {
  kind: 'trouble',
  reason: 'GITHUB_ERROR',
  message: 'a version of item.json was not among what GitHub answered',
} as const;

function contentOf(oid: string, blobs: Blobs): Uint8Array | undefined {
  const blob = blobs.get(oid);
  return blob?.kind === 'read' ? blob.content : undefined;
}

type Statuses = ReadonlyMap<string, string | undefined>;

/** By commit, what the mirror has read already, unless it was read differently then. */
function knownStatuses({ row }: Changed, stored: readonly StoredRevision[]): Statuses {
  if (row?.schemaVersion !== SCHEMA_VERSION) return new Map();
  return new Map(stored.flatMap(({ sha, workflowStatus }) => (sha ? [[sha, workflowStatus]] : [])));
}

function revisionsOf(commits: readonly Commit[], known: Statuses, blobs: Blobs): Revision[] {
  return commits.map(({ sha, authoredAt, author, blob }) => {
    const content = blob && contentOf(blob.oid, blobs);
    const workflowStatus = known.has(sha) ? known.get(sha) : content && workflowStatusOf(content);
    return { sha, authoredAt, author, ...(workflowStatus !== undefined && { workflowStatus }) };
  });
}
