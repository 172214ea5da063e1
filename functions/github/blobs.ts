import { createHash } from 'node:crypto';
import pMap from 'p-map';
import { chunksOf } from '../shared/chunks.ts';
import * as z from '../shared/zod.ts';
import type { GitHubContext } from './github.ts';
import type { Place } from './graphql.ts';
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
// Each download may have the caller's maximum size, and ten workers download at a time.
const DOWNLOADS_IN_FLIGHT = 4;

const TextPart = z.extend(OwnedPart, { object: z.nullable(z.object({ text: z.lenient(z.string()) })) });
type TextPart = z.infer<typeof TextPart>;
const TEXTS = {
  build: aliasedQuery<WantedBlob>('object(oid: $oid) { ... on Blob { text } }', [
    { name: 'oid', type: 'GitObjectID!' },
  ]),
  part: TextPart,
  // Without the text, the blob is downloaded.
  isOptional: (path: Place) => path.at(-1) === 'text',
};
const Download = z.object({ content: z.string(), encoding: z.literal('base64') });

/**
 * Reads blobs byte by byte as git stores them.
 * @returns a reading for every wanted oid. If several repositories have a blob, they are tried until one can be read.
 * @throws DeferredError if rate limited or stopped by `context.stop`; SyncError `GitHubCredentialsRejected`.
 */
export async function readBlobs(
  context: GitHubContext,
  wanted: readonly WantedBlob[],
): Promise<Map<string, BlobReading>> {
  const readings = new Map<string, BlobReading>();
  const sources = [...Map.groupBy(wanted, ({ oid }) => oid).values()].map((blobs) => [
    ...new Map(blobs.map((blob) => [blob.nodeId, blob])).values(),
  ]);
  for (let attempt = 0; ; attempt += 1) {
    const blobs = sources
      .flatMap((candidates) => candidates[attempt] ?? [])
      .filter(({ oid }) => readings.get(oid)?.kind !== 'read');
    if (blobs.length === 0) return readings;
    const texts = await queryRepositories(
      context,
      TEXTS,
      chunksOf(
        blobs.filter(({ byteSize = 0 }) => byteSize <= MAX_TEXT_BYTES),
        { bytes: MAX_QUERY_BYTES, bytesOf: ({ byteSize = 0 }) => Math.max(byteSize, MIN_WEIGHT_BYTES) },
      ),
    );
    await pMap(
      blobs,
      async (blob) => readings.set(blob.oid, await readBlob(context, blob, texts.get(blob))),
      { concurrency: DOWNLOADS_IN_FLIGHT },
    );
  }
}

/** Uses the text if it is the whole blob, and downloads the blob otherwise. */
async function readBlob(
  context: GitHubContext,
  { repositoryName, oid }: WantedBlob,
  text: PartReading<TextPart> | undefined,
): Promise<BlobReading> {
  if (text?.kind === 'failed') return text;
  if (text?.part.object === null) return failedReading('GITHUB_ERROR', `blob ${oid} not found`);
  const bytes = Buffer.from(text?.part.object.text ?? '');
  // The text is truncated if too long, null for a binary file, and altered if the file is not UTF-8.
  if (isBlob(bytes, oid)) return { kind: 'read', content: bytes };
  if (!isRepositoryName(repositoryName)) {
    return failedReading(
      'REPOSITORY_NAME_INVALID',
      'GitHub does not allow such a repository name, so it is not used in a request',
    );
  }
  try {
    const repository = { owner: context.organization, repo: repositoryName };
    const { data, headers } = await context.github.rest.git.getBlob({ ...repository, file_sha: oid });
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
