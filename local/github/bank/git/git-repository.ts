import { type CommitObject, type GitObject, hashObject, oidOf, type TreeEntry } from './objects.ts';

export interface Commit extends CommitObject {
  readonly oid: string;
}

/** The objects and refs of one repository. Refs have full names, such as `refs/heads/main`. */
export interface GitRepository {
  readonly refs: ReadonlyMap<string, string>;
  blob(oid: string): Buffer | undefined;
  blobSize(oid: string): number | undefined;
  tree(oid: string): readonly TreeEntry[] | undefined;
  commit(oid: string): Commit | undefined;
  has(oid: string): boolean;
  /** The ids of the commits that begin with the text. */
  commitsBeginning(abbreviation: string): string[];
  add(object: GitObject): string;
  setRef(name: string, oid: string | null): void;
}

/**
 * Blobs are stored uncompressed. Compressing them like git would take a third of the time in which a history is created,
 * and save little, because they are small.
 */
export function createGitRepository(): GitRepository {
  const blobs = new Map<string, Uint8Array<ArrayBuffer>>();
  const trees = new Map<string, readonly TreeEntry[]>();
  const commits = new Map<string, Commit>();
  const refs = new Map<string, string>();

  return {
    refs,
    blob(oid) {
      const stored = blobs.get(oid);
      return stored === undefined ? undefined : Buffer.from(stored.buffer);
    },
    blobSize: (oid) => blobs.get(oid)?.length,
    tree: (oid) => trees.get(oid),
    commit: (oid) => commits.get(oid),
    has: (oid) => blobs.has(oid) || trees.has(oid) || commits.has(oid),
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
      if (object.type === 'tree') trees.set(oid, object.entries);
      else commits.set(oid, { ...object, oid });
      return oid;
    },
    setRef(name, oid) {
      if (oid === null) refs.delete(name);
      else refs.set(name, oid);
    },
  };
}
