import { createHash } from 'node:crypto';
import pMap from 'p-map';
import { chunksOf } from '../shared/chunks.ts';
import * as z from '../shared/zod.ts';
import type { BankRequest } from './github.ts';
import { failureOf, repositoryTrouble } from './github-answers.ts';
import { type Answered, ask, OwnedPart, type Question } from './graphql.ts';
import { aliased } from './graphql-aliases.ts';
import { isRepositoryName } from './names.ts';
import { type Troubled, troubled, undocumented } from './trouble.ts';

export type BlobReading = { kind: 'read'; content: Uint8Array } | Troubled;

export interface WantedBlob {
  nodeId: string;
  /** The repository's name. */
  repository: string;
  oid: string;
  byteSize?: number;
}

// GitHub ends the text of a blob at half a megabyte. The hash tells whether it did; this spares asking in vain.
const MOST_TEXT_BYTES = 512_000;
// An answer of some 2 MB, and of at most 50 blobs: one whose size is not known is counted as a large item.json.
const MOST_BYTES = 2_000_000;
const LEAST_WEIGHT_BYTES = MOST_BYTES / 50;
// Each may be as large as the caller takes, and ten workers do this at a time.
const DOWNLOADS_IN_FLIGHT = 4;

const Text = z.extend(OwnedPart, { object: z.nullable(z.object({ text: z.nullable(z.string()) })) });
type Text = z.infer<typeof Text>;
const TEXTS: Question<WantedBlob, Text> = {
  ...aliased({
    fields: 'object(oid: $oid) { ... on Blob { text } }',
    types: { oid: 'GitObjectID!' },
    valuesOf: ({ oid }) => ({ oid }),
  }),
  part: Text,
};
const Download = z.object({ content: z.string(), encoding: z.literal('base64') });

/**
 * Reads blobs exactly as git has them.
 * @returns a reading for every oid that is wanted. Where several repositories have it, one that is in trouble leaves
 * it to the next.
 * @throws RateLimited; SyncError `GitHubCredentialsRejected`.
 */
export async function readBlobs(
  request: BankRequest,
  wanted: readonly WantedBlob[],
): Promise<Map<string, BlobReading>> {
  const readings = new Map<string, BlobReading>();
  const sources = [...Map.groupBy(wanted, ({ oid }) => oid).values()].map(byRepository);
  for (let turn = 0; ; turn += 1) {
    const next = sources.flatMap((blobs) => blobs[turn] ?? []);
    const open = next.filter(({ oid }) => readings.get(oid)?.kind !== 'read');
    if (open.length === 0) return readings;
    for (const [oid, reading] of await readEach(request, open)) readings.set(oid, reading);
  }
}

function byRepository(blobs: readonly WantedBlob[]): WantedBlob[] {
  return [...new Map(blobs.map((blob) => [blob.nodeId, blob])).values()];
}

async function readEach(
  request: BankRequest,
  blobs: readonly WantedBlob[],
): Promise<[oid: string, BlobReading][]> {
  const mayBeText = blobs.filter(({ byteSize = 0 }) => byteSize <= MOST_TEXT_BYTES);
  const weightOf = ({ byteSize = 0 }: WantedBlob) => Math.max(byteSize, LEAST_WEIGHT_BYTES);
  const answers = await ask(request, TEXTS, chunksOf(mayBeText, { bytes: MOST_BYTES, bytesOf: weightOf }));
  return pMap(blobs, async (blob) => [blob.oid, await contentOf(request, blob, answers.get(blob))], {
    concurrency: DOWNLOADS_IN_FLIGHT,
  });
}

async function contentOf(
  request: BankRequest,
  blob: WantedBlob,
  answer: Answered<Text> | undefined,
): Promise<BlobReading> {
  if (answer?.kind === 'trouble') return answer;
  if (answer?.part.object === null) return troubled('GITHUB_ERROR', `the blob ${blob.oid} is not there`);
  const content = Buffer.from(answer?.part.object.text ?? '');
  // The text is cut off beyond its limit, null for a binary file, and another one where the file is not UTF-8.
  return isBlob(content, blob.oid) ? { kind: 'read', content } : download(request, blob);
}

async function download(request: BankRequest, { repository, oid }: WantedBlob): Promise<BlobReading> {
  if (!isRepositoryName(repository)) {
    return troubled('REPOSITORY_NAME_INVALID', 'its name is none that GitHub gives, and goes into no path');
  }
  const { github, organization } = request;
  try {
    const place = { owner: organization, repo: repository };
    const { data, headers } = await github.rest.git.getBlob({ ...place, file_sha: oid });
    const parsed = Download.safeParse(data);
    const content = Buffer.from(parsed.data?.content ?? '', 'base64');
    return isBlob(content, oid) ? { kind: 'read', content } : undocumented(headers);
  } catch (error) {
    return { kind: 'trouble', ...repositoryTrouble(error, failureOf(error, request), 'GITHUB_ERROR') };
  }
}

/** Git names a blob by the hash of its content: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
function isBlob(content: Uint8Array, oid: string): boolean {
  const hash = createHash(oid.length === 64 ? 'sha256' : 'sha1');
  return hash.update(`blob ${content.length}\0`).update(content).digest('hex') === oid;
}
