import type { BlobReader } from '../blob-files.ts';
import { createGitRepository, type GitRepository } from './git-repository.ts';
import type { GitObject } from './objects.ts';

export interface RefChange {
  readonly name: string;
  /** Null deletes the ref. */
  readonly oid: string | null;
}

export interface RefUpdate extends RefChange {
  /** What the ref pointed at; null when it is new. */
  readonly before: string | null;
}

export interface GitWrite {
  readonly objects: readonly GitObject[];
  readonly refs: readonly RefChange[];
}

/** The initial content of a repository. */
export type HistoryOrigin = (repositoryId: number) => GitWrite | undefined;

export interface Histories {
  of(repositoryId: number): GitRepository;
  write(repositoryId: number, write: GitWrite): void;
  forget(repositoryId: number): void;
}

/**
 * More than the 1,811 repositories of the usual bank, because every run reads all of them. A history takes about twenty
 * kilobytes. With this limit, a bank of 100,000 repositories takes no more memory than one of 2,000.
 */
const MAX_CACHED = 2048;

/**
 * Creates histories on demand. Those that were never written to can be created again, so only the most recently used are
 * kept in memory. Those that were written to stay in memory.
 */
export function createHistories(origin: HistoryOrigin, readStored?: BlobReader): Histories {
  const unwritten = new Map<number, GitRepository>();
  const written = new Map<number, GitRepository>();
  const pendingWrites = new Map<number, GitWrite[]>();

  const create = (repositoryId: number): GitRepository => {
    const git = createGitRepository(readStored);
    for (const write of [origin(repositoryId) ?? [], pendingWrites.get(repositoryId) ?? []].flat()) {
      applyWrite(git, write);
    }
    return git;
  };
  const cache = (repositoryId: number, git: GitRepository): GitRepository => {
    unwritten.delete(repositoryId);
    if (pendingWrites.delete(repositoryId)) written.set(repositoryId, git);
    else unwritten.set(repositoryId, git);
    const oldest = unwritten.size > MAX_CACHED ? unwritten.keys().next().value : undefined;
    if (oldest !== undefined) unwritten.delete(oldest);
    return git;
  };
  const of = (repositoryId: number): GitRepository =>
    written.get(repositoryId) ?? cache(repositoryId, unwritten.get(repositoryId) ?? create(repositoryId));

  return {
    of,
    // A history that has not been read yet is not created for a write, because the whole journal is applied at start-up
    // and most histories in it are never read.
    write(repositoryId, write) {
      const known = written.get(repositoryId) ?? unwritten.get(repositoryId);
      if (known === undefined) {
        const pending = pendingWrites.get(repositoryId);
        if (pending === undefined) pendingWrites.set(repositoryId, [write]);
        else pending.push(write);
        return;
      }
      applyWrite(known, write);
      unwritten.delete(repositoryId);
      written.set(repositoryId, known);
    },
    forget(repositoryId) {
      for (const map of [unwritten, written, pendingWrites]) map.delete(repositoryId);
    },
  };
}

function applyWrite(git: GitRepository, { objects, refs }: GitWrite): void {
  for (const object of objects) git.add(object);
  for (const { name, oid } of refs) git.setRef(name, oid);
}
