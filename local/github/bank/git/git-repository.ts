import { deflateSync, inflateSync } from 'node:zlib';
import { type CommitObject, type GitObject, hashObject, oidOf, type TreeEntry } from './objects.ts';

export interface Commit extends CommitObject {
  readonly oid: string;
}

/** The objects and refs of one repository. Refs have their full names, as `refs/heads/main`. */
export interface GitRepository {
  readonly refs: ReadonlyMap<string, string>;
  blob(oid: string): Buffer | undefined;
  blobSize(oid: string): number | undefined;
  tree(oid: string): readonly TreeEntry[] | undefined;
  commit(oid: string): Commit | undefined;
  has(oid: string): boolean;
  /** The oids that begin with that text. */
  commitsBeginning(abbreviation: string): string[];
  /** Bytes of all blobs. */
  size(): number;
  add(object: GitObject): string;
  setRef(name: string, oid: string | null): void;
}

interface StoredBlob {
  size: number;
  deflated: Uint8Array;
}

/** Blobs are kept deflated, as git keeps them: a bank's histories are many versions of much the same text. */
export function createGitRepository(): GitRepository {
  const blobs = new Map<string, StoredBlob>();
  const trees = new Map<string, readonly TreeEntry[]>();
  const commits = new Map<string, Commit>();
  const refs = new Map<string, string>();

  const addBlob = (content: Buffer): string => {
    const oid = hashObject('blob', content);
    if (!blobs.has(oid)) blobs.set(oid, { size: content.length, deflated: deflate(content) });
    return oid;
  };
  return {
    refs,
    blob(oid) {
      const stored = blobs.get(oid);
      return stored === undefined ? undefined : inflateSync(stored.deflated);
    },
    blobSize: (oid) => blobs.get(oid)?.size,
    tree: (oid) => trees.get(oid),
    commit: (oid) => commits.get(oid),
    has: (oid) => blobs.has(oid) || trees.has(oid) || commits.has(oid),
    commitsBeginning: (abbreviation) => [...commits.keys()].filter((oid) => oid.startsWith(abbreviation)),
    size: () => [...blobs.values()].reduce((total, { size }) => total + size, 0),
    add(object) {
      if (object.type === 'blob') return addBlob(Buffer.from(object.content, 'base64'));
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

/** Copied to an array of its own: zlib and `Buffer.from` return parts of larger ones, which they would keep alive. */
function deflate(content: Buffer): Uint8Array {
  return new Uint8Array(deflateSync(content, { level: 1 }));
}
