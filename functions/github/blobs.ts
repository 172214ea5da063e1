import { createHash } from 'node:crypto';
import pMap from 'p-map';
import { chunksOf } from '../shared/chunks.ts';
import { type Deferral, deferralOf } from '../shared/deferral.ts';
import * as z from '../shared/zod.ts';
import type { GitHubContext } from './github.ts';
import type { Place } from './graphql.ts';
import type { QuerySizes } from './query-size.ts';
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

const TextPart = z.extend(OwnedPart, { object: z.nullable(z.object({ text: z.lenient(z.string()) })) });
type TextPart = z.infer<typeof TextPart>;
const TEXTS = {
  build: aliasedQuery<WantedBlob>('object(oid: $oid) { ... on Blob { text } }', [
    { name: 'oid', type: 'GitObjectID!' },
  ]),
  part: TextPart,
  size: ({ texts }: QuerySizes) => texts,
  // Without the text, the blob is downloaded.
  isOptional: (path: Place) => path.at(-1) === 'text',
};
const Download = z.object({ content: z.string(), encoding: z.literal('base64') });

interface ReadingOptions {
  /** Called once for every wanted oid that was read, or that cannot be read. */
  use: (oid: string, reading: BlobReading) => void;
  /** Blobs that would take more requests are not read. */
  maxRequests?: number;
}

/**
 * Reads blobs byte by byte as git stores them, and keeps none of them: at most 4 MB are in memory at a time, in the forms
 * in which they arrive. If several repositories have a blob, they are tried until one can be read. Asks `context.stop`
 * before each request but the first, so that an invocation with little time left gets something done.
 * @returns why some blobs had to wait: rate limited, or stopped by `context.stop`.
 * @throws SyncError `GitHubCredentialsRejected`.
 */
export async function readBlobs(
  context: GitHubContext,
  wanted: readonly WantedBlob[],
  { use, maxRequests = Number.POSITIVE_INFINITY }: ReadingOptions,
): Promise<Deferral | undefined> {
  const requests = limitedRequests(context, maxRequests);
  let open = [...Map.groupBy(wanted, ({ oid }) => oid).values()].map((blobs) => [
    ...new Map(blobs.map((blob) => [blob.nodeId, blob])).values(),
  ]);
  while (open.length > 0) {
    const others = new Map(open.map(([blob, ...rest]) => [blob, rest]));
    open = [];
    const finish = (blob: WantedBlob, reading: BlobReading): void => {
      const sources = others.get(blob) ?? [];
      if (reading.kind === 'failed' && sources.length > 0) open.push(sources);
      else use(blob.oid, reading);
    };
    await pMap(
      chunksFor([...others.keys()].flatMap((blob) => blob ?? [])),
      (chunk) => readChunk(context, chunk, { requests, finish }),
      { concurrency: CHUNKS_IN_FLIGHT },
    );
  }
  return requests.deferral();
}

/** Whether one request is enough to read these blobs, unless one of them turns out to be no text. */
export function fitOneRequest(blobs: readonly WantedBlob[]): boolean {
  const distinct = [...new Map(blobs.map((blob) => [blob.oid, blob])).values()];
  return distinct.length <= 1 || (distinct.every(isText) && chunksFor(distinct).length === 1);
}

const isText = ({ byteSize = 0 }: WantedBlob): boolean => byteSize <= MAX_TEXT_BYTES;

/** Blobs that are read by one query, or that are downloaded at the same time. */
function chunksFor(blobs: readonly WantedBlob[]): WantedBlob[][] {
  const bytesOf = ({ byteSize = 0 }: WantedBlob): number => Math.max(byteSize, MIN_WEIGHT_BYTES);
  const texts = chunksOf(blobs.filter(isText), { bytes: MAX_QUERY_BYTES, bytesOf });
  const downloads = blobs.filter((blob) => !isText(blob));
  return [...texts, ...chunksOf(downloads, { count: DOWNLOADS_OF_CHUNK })];
}

/** Requests that are no longer sent once one of them was deferred, or there were too many. */
interface LimitedRequests {
  /** @returns undefined if the request was not sent. */
  send: <Answer>(request: () => Promise<Answer>) => Promise<Answer | undefined>;
  deferral: () => Deferral | undefined;
}

function limitedRequests({ stop }: GitHubContext, maxRequests: number): LimitedRequests {
  let sent = 0;
  let deferral: Deferral | undefined;
  return {
    send: async (request) => {
      if (sent > 0) deferral ??= stop?.();
      if (deferral || sent >= maxRequests) return undefined;
      sent += 1;
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
  { requests, finish }: { requests: LimitedRequests; finish: (blob: WantedBlob, read: BlobReading) => void },
): Promise<void> {
  const queried = chunk.filter(isText);
  const texts =
    queried.length === 0
      ? new Map<WantedBlob, PartReading<TextPart>>()
      : await requests.send(() => queryRepositories(context, TEXTS, [queried]));
  if (!texts) return;
  await pMap(
    chunk,
    async (blob) => {
      const reading = readText(blob, texts.get(blob)) ?? (await requests.send(() => download(context, blob)));
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
    if (isBlob(content, oid)) return { kind: 'read', content };
    return undocumentedAnswer(`content: not the blob ${oid}`, headers);
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
