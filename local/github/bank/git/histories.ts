import { createGitRepository, type GitRepository } from './git-repository.ts';
import type { GitObject } from './objects.ts';

export interface RefChange {
  readonly name: string;
  /** Null takes the ref away. */
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

/** What a repository holds before anything was written to it. */
export type HistoryOrigin = (repositoryId: number) => GitWrite | undefined;

export interface Histories {
  of(repositoryId: number): GitRepository;
  write(repositoryId: number, write: GitWrite): void;
  forget(repositoryId: number): void;
}

/**
 * More than the 1,811 repositories of the usual bank, whose every run asks for all of them; some twenty kilobytes each,
 * so that a bank of 100,000 takes no more memory than one of 2,000.
 */
const MOST_KEPT = 2048;

/**
 * Histories made when they are asked for. One that was never written to can be made again and is dropped when others
 * are used more lately; one that was written to stays.
 */
export function createHistories(origin: HistoryOrigin): Histories {
  const unwritten = new Map<number, GitRepository>();
  const written = new Map<number, GitRepository>();
  const waiting = new Map<number, GitWrite[]>();

  const make = (repositoryId: number): GitRepository => {
    const git = createGitRepository();
    for (const write of [origin(repositoryId) ?? [], waiting.get(repositoryId) ?? []].flat()) {
      applyWrite(git, write);
    }
    return git;
  };
  const keep = (repositoryId: number, git: GitRepository): GitRepository => {
    unwritten.delete(repositoryId);
    if (waiting.delete(repositoryId)) written.set(repositoryId, git);
    else unwritten.set(repositoryId, git);
    const oldest = unwritten.size > MOST_KEPT ? unwritten.keys().next().value : undefined;
    if (oldest !== undefined) unwritten.delete(oldest);
    return git;
  };
  const of = (repositoryId: number): GitRepository =>
    written.get(repositoryId) ?? keep(repositoryId, unwritten.get(repositoryId) ?? make(repositoryId));

  return {
    of,
    // A history that nobody has asked for since the start is not made for a write: the journal of a whole bank is
    // read at the start, and most of it is not looked at.
    write(repositoryId, write) {
      const known = written.get(repositoryId) ?? unwritten.get(repositoryId);
      if (known === undefined) {
        waiting.set(repositoryId, [...(waiting.get(repositoryId) ?? []), write]);
        return;
      }
      applyWrite(known, write);
      unwritten.delete(repositoryId);
      written.set(repositoryId, known);
    },
    forget(repositoryId) {
      for (const kept of [unwritten, written, waiting]) kept.delete(repositoryId);
    },
  };
}

function applyWrite(git: GitRepository, { objects, refs }: GitWrite): void {
  for (const object of objects) git.add(object);
  for (const { name, oid } of refs) git.setRef(name, oid);
}
