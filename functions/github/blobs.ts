import { createHash } from 'node:crypto';
import pMap from 'p-map';
import { chunksOf } from '../shared/chunks.ts';
import { type Deferral, deferralOf } from '../shared/deferral.ts';
import * as z from '../shared/zod.ts';
import type { GitHubContext } from './github.ts';
import { isRepositoryName } from './repository.ts';
import { aliasedQuery, OwnedPart, type PartReading, queryRepositories } from './repository-queries.ts';
import {
  type FailedReading,
  failedReading,
  failedRequest,
  repositoryFailure,
  undocumentedAnswer,
} from './responses.ts';

export type BlobReading = { kind: 'read'; content: Uint8Array } | FailedReading;

export interface WantedBlob {
  nodeId: string;
  repositoryName: string;
  oid: string;
  byteSize?: number;
}

// GitHub truncates the text of larger blobs. The hash detects that, so the limit only saves queries that would fail.
const MAX_TEXT_BYTES = 512_000;
// A query returns at most about 2 MB and 50 blobs. A blob of unknown size counts as a large item.json.
const MAX_QUERY_BYTES = 2_000_000;
const MIN_WEIGHT_BYTES = MAX_QUERY_BYTES / 50;
// Two queries of 2 MB, or four downloads that each may have the caller's maximum size, are in memory at a time.
const CHUNKS_IN_FLIGHT = 2;
const DOWNLOADS_OF_CHUNK = 2;

const TextPart = z.extend(OwnedPart, { object: z.nullable(z.object({ text: z.nullable(z.string()) })) });
type TextPart = z.infer<typeof TextPart>;
const TEXTS = {
  build: aliasedQuery<WantedBlob>('object(oid: $oid) { ... on Blob { text } }', [
    { name: 'oid', type: 'GitObjectID!' },
  ]),
  part: TextPart,
};
const Download = z.object({ content: z.string(), encoding: z.literal('base64') });

/**
 * The longest beginning of a list of blobs that can be read by so many requests, and at least the first blob. A blob that
 * turns out to be no text costs one request more.
 */
export function readableBy(requests: number, blobs: readonly WantedBlob[]): WantedBlob[] {
  const bytesOf = (blob: WantedBlob) => (isText(blob) ? weightOf(blob) : MAX_QUERY_BYTES);
  return chunksOf(blobs, { bytes: requests * MAX_QUERY_BYTES, bytesOf })[0] ?? [];
}

const isText = ({ byteSize = 0 }: WantedBlob): boolean => byteSize <= MAX_TEXT_BYTES;
const weightOf = ({ byteSize = 0 }: WantedBlob): number => Math.max(byteSize, MIN_WEIGHT_BYTES);

/**
 * Reads blobs byte by byte as git stores them, and keeps none of them: 4 MB are in memory at a time, in the forms in which
 * they arrive. Asks `context.stop` before each request. The first query and the first download are always sent, so that
 * an invocation that has little time left gets something done.
 * @param use is called once for every wanted oid that was read or failed. If several repositories have a blob, they are
 * tried until one can be read.
 * @returns why the other blobs were not read: rate limited, or stopped by `context.stop`.
 * @throws SyncError `GitHubCredentialsRejected`.
 */
export async function readBlobs(
  context: GitHubContext,
  wanted: readonly WantedBlob[],
  use: (oid: string, reading: BlobReading) => void,
): Promise<Deferral | undefined> {
  const requests = deferrableRequests(context);
  let open = [...Map.groupBy(wanted, ({ oid }) => oid).values()].map((blobs) => [
    ...new Map(blobs.map((blob) => [blob.nodeId, blob])).values(),
  ]);
  while (open.length > 0 && !requests.deferral()) {
    const others = new Map(open.map(([blob, ...rest]) => [blob, rest]));
    open = [];
    const finish = (blob: WantedBlob, reading: BlobReading): void => {
      const sources = others.get(blob) ?? [];
      if (reading.kind === 'failed' && sources.length > 0) open.push(sources);
      else use(blob.oid, reading);
    };
    await pMap(
      requestsFor([...others.keys()].flatMap((blob) => blob ?? [])),
      (chunk) => readChunk(context, chunk, { requests, finish }),
      { concurrency: CHUNKS_IN_FLIGHT },
    );
  }
  return requests.deferral();
}

/** Blobs that are read by one query, or that are downloaded at the same time. */
function requestsFor(blobs: readonly WantedBlob[]): WantedBlob[][] {
  const texts = chunksOf(blobs.filter(isText), { bytes: MAX_QUERY_BYTES, bytesOf: weightOf });
  const downloads = blobs.filter((blob) => !isText(blob));
  return [...texts, ...chunksOf(downloads, { count: DOWNLOADS_OF_CHUNK })];
}

type RequestKind = 'query' | 'download';

/** Requests that are no longer sent once one of them was deferred. */
interface DeferrableRequests {
  /** @returns undefined if the request was deferred. */
  send: <Answer>(kind: RequestKind, request: () => Promise<Answer>) => Promise<Answer | undefined>;
  deferral: () => Deferral | undefined;
}

function deferrableRequests({ stop }: GitHubContext): DeferrableRequests {
  const begun = new Set<RequestKind>();
  let deferral: Deferral | undefined;
  return {
    send: async (kind, request) => {
      if (begun.has(kind)) deferral ??= stop?.();
      begun.add(kind);
      if (deferral) return undefined;
      try {
        return await request();
      } catch (error) {
        deferral ??= deferralOf(error);
        return undefined;
      }
    },
    deferral: () => deferral,
  };
}

async function readChunk(
  context: GitHubContext,
  chunk: readonly WantedBlob[],
  {
    requests,
    finish,
  }: { requests: DeferrableRequests; finish: (blob: WantedBlob, read: BlobReading) => void },
): Promise<void> {
  const queried = chunk.filter(isText);
  const texts =
    queried.length === 0
      ? new Map<WantedBlob, PartReading<TextPart>>()
      : await requests.send('query', () => queryRepositories(context, TEXTS, [queried]));
  if (!texts) return;
  await pMap(
    chunk,
    async (blob) => {
      const reading =
        readText(blob, texts.get(blob)) ?? (await requests.send('download', () => download(context, blob)));
      texts.delete(blob);
      if (reading) finish(blob, reading);
    },
    { concurrency: DOWNLOADS_OF_CHUNK },
  );
}

/** @returns undefined if the text is not the whole blob, which then has to be downloaded. */
function readText({ oid }: WantedBlob, text: PartReading<TextPart> | undefined): BlobReading | undefined {
  if (text?.kind === 'failed') return text;
  if (text?.part.object === null) return failedReading('GITHUB_ERROR', `blob ${oid} not found`);
  const content = Buffer.from(text?.part.object.text ?? '');
  // The text is truncated if too long, null for a binary file, and altered if the file is not UTF-8.
  return isBlob(content, oid) ? { kind: 'read', content } : undefined;
}

async function download(context: GitHubContext, { repositoryName, oid }: WantedBlob): Promise<BlobReading> {
  if (!isRepositoryName(repositoryName)) {
    return failedReading(
      'REPOSITORY_NAME_INVALID',
      'GitHub does not allow such a repository name, so it is not used in a request',
    );
  }
  try {
    const { data, headers } = await context.github.rest.git.getBlob({
      owner: context.organization,
      repo: repositoryName,
      file_sha: oid,
      // With its retries, a download would outlast an invocation that has little time left.
      ...(context.stop?.() && { request: { retries: 0 } }),
    });
    const content = Buffer.from(Download.safeParse(data).data?.content ?? '', 'base64');
    return isBlob(content, oid) ? { kind: 'read', content } : undocumentedAnswer(headers);
  } catch (error) {
    const failure = repositoryFailure(error, failedRequest(error, context), 'GITHUB_ERROR');
    return { kind: 'failed', failure };
  }
}

/** Git names a blob by the hash of its content: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
function isBlob(content: Uint8Array, oid: string): boolean {
  const hash = createHash(oid.length === 64 ? 'sha256' : 'sha1');
  return hash.update(`blob ${content.length}\0`).update(content).digest('hex') === oid;
}
