import { describe, expect, it } from 'vitest';
import type { GitRepository } from '../../../../local/github/bank/git/git-repository.ts';
import { historyOf } from '../../../../local/github/bank/git/history.ts';
import { mergeFiles } from '../../../../local/github/bank/git/merge.ts';
import { isAncestor, mergeBase, resolveCommit } from '../../../../local/github/bank/git/revisions.ts';
import { createScratchRepository } from './git-support.ts';

function commitOf(git: GitRepository, oid: string) {
  const commit = git.commit(oid);
  if (commit === undefined) throw new Error(`There is no commit ${oid}.`);
  return commit;
}

const messages = (git: GitRepository, head: string, path?: string) =>
  historyOf(git, commitOf(git, head), path).map(({ message }) => message);

/** Two branches from one commit. Both change the item, or only the second. */
function fork(first: string) {
  const { git, commit } = createScratchRepository();
  const root = commit({ at: 0, files: { 'item.json': 'a' } });
  const ours = commit({ at: 1, parents: [root], files: { 'item.json': first, notes: '1' } });
  const theirs = commit({ at: 2, parents: [root], files: { 'item.json': 'b' } });
  return { git, commit, root, ours, theirs };
}

// The expected histories are the output of `git log <head> -- item.json` (git 2.39).
describe('the history of a path', () => {
  it('omits commits that do not change it', () => {
    const { git, ours } = fork('a');
    expect(messages(git, ours, 'item.json')).toEqual(['at 0']);
    expect(messages(git, ours)).toEqual(['at 1', 'at 0']);
    expect(messages(git, ours, 'nothing')).toEqual([]);
  });

  it('follows the side of a merge that has the same content', () => {
    const { git, commit, ours, theirs } = fork('a');
    const merge = commit({ at: 3, parents: [ours, theirs], files: { 'item.json': 'b', notes: '1' } });
    expect(messages(git, merge, 'item.json')).toEqual(['at 2', 'at 0']);
    expect(messages(git, merge)).toEqual(['at 3', 'at 2', 'at 1', 'at 0']);
  });

  it('omits changes that a merge discarded', () => {
    const { git, commit, ours, theirs } = fork('c');
    const merge = commit({ at: 3, parents: [ours, theirs], files: { 'item.json': 'c' } });
    expect(messages(git, merge, 'item.json')).toEqual(['at 1', 'at 0']);
  });

  it('includes a merge that differs from both sides, and both sides', () => {
    const { git, commit, ours, theirs } = fork('c');
    const merge = commit({ at: 3, parents: [ours, theirs], files: { 'item.json': 'd' } });
    expect(messages(git, merge, 'item.json')).toEqual(['at 3', 'at 2', 'at 1', 'at 0']);
  });

  it('includes the commits that delete and restore the path', () => {
    const { git, commit, root } = fork('a');
    const without = commit({ at: 5, parents: [root], files: { notes: '1' } });
    expect(messages(git, without, 'item.json')).toEqual(['at 5', 'at 0']);
    const head = commit({ at: 6, parents: [without], files: { 'item.json': 'a' } });
    expect(messages(git, head, 'item.json')).toEqual(['at 6', 'at 5', 'at 0']);
  });

  it('includes a reverted change, but not on a side that is merged without it', () => {
    const { git, commit, root, theirs } = fork('a');
    const back = commit({ at: 3, parents: [theirs], files: { 'item.json': 'a' } });
    expect(messages(git, back, 'item.json')).toEqual(['at 3', 'at 2', 'at 0']);
    const ours = commit({ at: 4, parents: [root], files: { 'item.json': 'a', notes: '1' } });
    const merge = commit({ at: 5, parents: [ours, back], files: { 'item.json': 'a', notes: '1' } });
    expect(messages(git, merge, 'item.json')).toEqual(['at 0']);
    const other = commit({ at: 5, parents: [back, ours], files: { 'item.json': 'a', notes: '1' } });
    expect(messages(git, other, 'item.json')).toEqual(['at 3', 'at 2', 'at 0']);
  });

  it('follows the first side when both made the same change', () => {
    const { git, commit, ours, theirs } = fork('b');
    const merge = commit({ at: 3, parents: [ours, theirs], files: { 'item.json': 'b', notes: '1' } });
    expect(messages(git, merge, 'item.json')).toEqual(['at 1', 'at 0']);
  });

  it('includes changes of the executable mode, also in merges', () => {
    const { git, commit, root, ours } = fork('a');
    const files = { 'item.json': 'a' };
    const executable = commit({ at: 3, parents: [root], files, executable: ['item.json'] });
    expect(messages(git, executable, 'item.json')).toEqual(['at 3', 'at 0']);
    const merge = commit({ at: 4, parents: [ours, executable], files, executable: ['item.json'] });
    expect(messages(git, merge, 'item.json')).toEqual(['at 3', 'at 0']);
  });

  it('is sorted by date where the order is not determined, even with wrong clocks', () => {
    const { git, commit, root, ours, theirs } = fork('c');
    const skewed = commit({ at: -5, parents: [theirs], files: { 'item.json': 'e' } });
    const merge = commit({ at: 3, parents: [ours, skewed, root], files: { 'item.json': 'd' } });
    expect(messages(git, merge, 'item.json')).toEqual(['at 3', 'at 1', 'at 0', 'at -5', 'at 2']);
  });
});

describe('two branches', () => {
  it('have a merge base unless they are unrelated', () => {
    const { git, commit, root, ours, theirs } = fork('c');
    expect(mergeBase(git, ours, theirs)?.oid).toBe(root);
    expect(mergeBase(git, root, theirs)?.oid).toBe(root);
    const stranger = commit({ at: 9, files: { 'item.json': 'z' } });
    expect(mergeBase(git, ours, stranger)).toBeUndefined();
    expect([isAncestor(git, root, ours), isAncestor(git, ours, root)]).toEqual([true, false]);
  });

  it('can be merged unless both changed the same file', () => {
    const { git, ours, theirs } = fork('a');
    const merged = mergeFiles(git, commitOf(git, ours), commitOf(git, theirs));
    expect([...(merged?.keys() ?? [])].toSorted()).toEqual(['item.json', 'notes']);
    const other = fork('c');
    expect(mergeFiles(other.git, commitOf(other.git, other.ours), commitOf(other.git, other.theirs))).toBe(
      undefined,
    );
  });
});

describe('a revision', () => {
  it('is any name of a branch, HEAD, or a unique prefix of a commit id', () => {
    const { git, root, ours } = fork('a');
    git.setRef('refs/heads/main', ours);
    git.setRef('refs/heads/feature/x', root);
    const resolved = (text: string) => resolveCommit(git, text, 'main')?.oid;
    expect(['main', 'heads/main', 'refs/heads/main', 'HEAD', ours, ours.slice(0, 10)].map(resolved)).toEqual(
      Array(6).fill(ours),
    );
    expect(resolved('feature/x')).toBe(root);
    expect(['nothing', 'abc', '0000000'].map(resolved)).toEqual([undefined, undefined, undefined]);
  });
});
