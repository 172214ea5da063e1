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

/** Two branches from one commit: both change the item, or only the second. */
function fork(first: string) {
  const { git, commit } = createScratchRepository();
  const root = commit({ at: 0, files: { 'item.json': 'a' } });
  const ours = commit({ at: 1, parents: [root], files: { 'item.json': first, notes: '1' } });
  const theirs = commit({ at: 2, parents: [root], files: { 'item.json': 'b' } });
  return { git, commit, root, ours, theirs };
}

// What is expected of each history was seen from `git log <head> -- item.json`, of git 2.39.
describe('the history of a path', () => {
  it('leaves out the commits that do not change it', () => {
    const { git, ours } = fork('a');
    expect(messages(git, ours, 'item.json')).toEqual(['at 0']);
    expect(messages(git, ours)).toEqual(['at 1', 'at 0']);
    expect(messages(git, ours, 'nothing')).toEqual([]);
  });

  it('goes through a merge to the side that has it as the merge does', () => {
    const { git, commit, ours, theirs } = fork('a');
    const merge = commit({ at: 3, parents: [ours, theirs], files: { 'item.json': 'b', notes: '1' } });
    expect(messages(git, merge, 'item.json')).toEqual(['at 2', 'at 0']);
    expect(messages(git, merge)).toEqual(['at 3', 'at 2', 'at 1', 'at 0']);
  });

  it('does not show what a merge threw away', () => {
    const { git, commit, ours, theirs } = fork('c');
    const merge = commit({ at: 3, parents: [ours, theirs], files: { 'item.json': 'c' } });
    expect(messages(git, merge, 'item.json')).toEqual(['at 1', 'at 0']);
  });

  it('shows a merge that is like neither side, and both sides', () => {
    const { git, commit, ours, theirs } = fork('c');
    const merge = commit({ at: 3, parents: [ours, theirs], files: { 'item.json': 'd' } });
    expect(messages(git, merge, 'item.json')).toEqual(['at 3', 'at 2', 'at 1', 'at 0']);
  });

  it('shows the commit that takes the path away, and the one that brings it back', () => {
    const { git, commit, root } = fork('a');
    const without = commit({ at: 5, parents: [root], files: { notes: '1' } });
    expect(messages(git, without, 'item.json')).toEqual(['at 5', 'at 0']);
    const head = commit({ at: 6, parents: [without], files: { 'item.json': 'a' } });
    expect(messages(git, head, 'item.json')).toEqual(['at 6', 'at 5', 'at 0']);
  });

  it('shows a change that is taken back, but not on a side that is merged without it', () => {
    const { git, commit, root, theirs } = fork('a');
    const back = commit({ at: 3, parents: [theirs], files: { 'item.json': 'a' } });
    expect(messages(git, back, 'item.json')).toEqual(['at 3', 'at 2', 'at 0']);
    const ours = commit({ at: 4, parents: [root], files: { 'item.json': 'a', notes: '1' } });
    const merge = commit({ at: 5, parents: [ours, back], files: { 'item.json': 'a', notes: '1' } });
    expect(messages(git, merge, 'item.json')).toEqual(['at 0']);
    const other = commit({ at: 5, parents: [back, ours], files: { 'item.json': 'a', notes: '1' } });
    expect(messages(git, other, 'item.json')).toEqual(['at 3', 'at 2', 'at 0']);
  });

  it('goes to the first side when both made the same change', () => {
    const { git, commit, ours, theirs } = fork('b');
    const merge = commit({ at: 3, parents: [ours, theirs], files: { 'item.json': 'b', notes: '1' } });
    expect(messages(git, merge, 'item.json')).toEqual(['at 1', 'at 0']);
  });

  it('shows a file that becomes executable, and merges that differ only in that', () => {
    const { git, commit, root, ours } = fork('a');
    const files = { 'item.json': 'a' };
    const executable = commit({ at: 3, parents: [root], files, executable: ['item.json'] });
    expect(messages(git, executable, 'item.json')).toEqual(['at 3', 'at 0']);
    const merge = commit({ at: 4, parents: [ours, executable], files, executable: ['item.json'] });
    expect(messages(git, merge, 'item.json')).toEqual(['at 3', 'at 0']);
  });

  it('goes by dates wherever the walk has a choice, even where a clock was wrong', () => {
    const { git, commit, root, ours, theirs } = fork('c');
    const skewed = commit({ at: -5, parents: [theirs], files: { 'item.json': 'e' } });
    const merge = commit({ at: 3, parents: [ours, skewed, root], files: { 'item.json': 'd' } });
    expect(messages(git, merge, 'item.json')).toEqual(['at 3', 'at 1', 'at 0', 'at -5', 'at 2']);
  });
});

describe('two branches', () => {
  it('come from their merge base, and from nothing when they are unrelated', () => {
    const { git, commit, root, ours, theirs } = fork('c');
    expect(mergeBase(git, ours, theirs)?.oid).toBe(root);
    expect(mergeBase(git, root, theirs)?.oid).toBe(root);
    const stranger = commit({ at: 9, files: { 'item.json': 'z' } });
    expect(mergeBase(git, ours, stranger)).toBeUndefined();
    expect([isAncestor(git, root, ours), isAncestor(git, ours, root)]).toEqual([true, false]);
  });

  it('merge when no file was changed on both, and do not otherwise', () => {
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
  it('is a branch by any of its names, HEAD, or a commit by an unambiguous beginning', () => {
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
