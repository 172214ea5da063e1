import type { BlobReader } from '../blob-files.ts';
import { type CommitObject, type GitObject, hashObject, oidOf, type TreeEntry } from './objects.ts';

export interface Commit extends CommitObject {
  readonly oid: string;
}

/** The objects and refs of one repository. Refs have full names, such as `refs/heads/main`. */
export interface GitRepository {
  readonly refs: ReadonlyMap<string, string>;
  /** The content, or at most its first `maxBytes`. */
  blob(oid: string, maxBytes?: number): Buffer | undefined;
  blobSize(oid: string): number | undefined;
  tree(oid: string): readonly TreeEntry[] | undefined;
  commit(oid: string): Commit | undefined;
  has(oid: string): boolean;
  /** The ids of the commits that begin with the text. */
  commitsBeginning(abbreviation: string): string[];
  add(object: GitObject): string;
  setRef(name: string, oid: string | null): void;
}

/** The part of a file in which git looks for zero bytes. */
const BINARY_CHECK_BYTES = 8000;

/** Decides like git. */
export const isBinary = (git: GitRepository, oid: string): boolean =>
  git.blob(oid, BINARY_CHECK_BYTES)?.includes(0) ?? false;

/**
 * Blobs are kept uncompressed. Compressing them like git would take a third of the time in which a history is created,
 * and save little, because they are small. Large blobs are in files.
 *
 * @param readStored reads these files.
 */
export function createGitRepository(readStored: BlobReader = noFiles): GitRepository {
  const blobs = new Map<string, Uint8Array<ArrayBuffer>>();
  const storedSizes = new Map<string, number>();
  const trees = new Map<string, readonly TreeEntry[]>();
  const commits = new Map<string, Commit>();
  const refs = new Map<string, string>();

  return {
    refs,
    blob(oid, maxBytes) {
      if (storedSizes.has(oid)) return readStored(oid, maxBytes);
      const content = blobs.get(oid);
      return content === undefined ? undefined : Buffer.from(content.buffer).subarray(0, maxBytes);
    },
    blobSize: (oid) => storedSizes.get(oid) ?? blobs.get(oid)?.length,
    tree: (oid) => trees.get(oid),
    commit: (oid) => commits.get(oid),
    has: (oid) => blobs.has(oid) || storedSizes.has(oid) || trees.has(oid) || commits.has(oid),
    commitsBeginning: (abbreviation) => [...commits.keys()].filter((oid) => oid.startsWith(abbreviation)),
    add(object) {
      if (object.type === 'blob') {
        const content = Buffer.from(object.content, 'base64');
        const oid = hashObject('blob', content);
        // Copied, because `Buffer.from` returns a view of a larger array, which would stay in memory.
        if (!blobs.has(oid)) blobs.set(oid, new Uint8Array(content));
        return oid;
      }
      const oid = oidOf(object);
      if (object.type === 'stored-blob') storedSizes.set(oid, object.size);
      else if (object.type === 'tree') trees.set(oid, object.entries);
      else commits.set(oid, { ...object, oid });
      return oid;
    },
    setRef(name, oid) {
      if (oid === null) refs.delete(name);
      else refs.set(name, oid);
    },
  };
}

const noFiles: BlobReader = (oid) => {
  throw new Error(`The blob ${oid} is in a file, but this repository has no files.`);
};
