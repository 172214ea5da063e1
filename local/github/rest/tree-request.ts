import type { GitDraft } from '../bank/git/draft.ts';
import type { GitRepository } from '../bank/git/git-repository.ts';
import type { FileMode } from '../bank/git/objects.ts';
import { type FileEntry, type Files, filesOf } from '../bank/git/trees.ts';
import { notSimulated, Refusal } from '../refusal.ts';
import { isJsonObject, type JsonObject } from '../request.ts';

/** What Linux allows. GitHub documents no limit; thousands of levels of folders would overflow the stack. */
const MAX_PATH_BYTES = 4_096;

/** @throws Refusal 422 for a path that is too long. */
export function assertPathLength(path: string): void {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw new Refusal(422, 'path is too long');
}

const FILE_MODES: readonly FileMode[] = ['100644', '100755', '120000'];

/**
 * The files of the tree that a request describes: those of `base_tree`, with the given entries replaced. A null `sha`
 * removes a file or folder; `content` creates a blob.
 *
 * @throws Refusal 422 when an entry is invalid, or names an unknown object.
 */
export function filesOfTreeRequest(git: GitRepository, draft: GitDraft, body: JsonObject): Files {
  const { tree: entries } = body;
  if (!Array.isArray(entries)) throw new Refusal(422, 'Invalid tree info');
  const files = baseFiles(git, body['base_tree']);
  for (const entry of entries) {
    if (!isJsonObject(entry) || typeof entry['path'] !== 'string')
      throw new Refusal(422, 'tree.path is missing');
    const path = entry['path'].replace(/^\/+|\/+$/g, '');
    assertPathLength(path);
    for (const known of files.keys()) {
      if (known === path || known.startsWith(`${path}/`)) files.delete(known);
    }
    for (const [place, file] of entryFiles(git, draft, entry)) files.set(`${path}${place}`, file);
  }
  return files;
}

function baseFiles(git: GitRepository, base: unknown): Map<string, FileEntry> {
  if (typeof base !== 'string') return new Map();
  const oid = git.commit(base)?.tree ?? base;
  if (git.tree(oid) === undefined) throw new Refusal(422, 'base_tree is not a valid tree oid');
  return filesOf(git, oid);
}

/** The files of an entry by their path relative to it: '' for a file, or those of a folder. */
function entryFiles(git: GitRepository, draft: GitDraft, entry: JsonObject): [string, FileEntry][] {
  const { sha, content } = entry;
  if (entry['mode'] === '160000') throw notSimulated('submodules');
  const mode = FILE_MODES.find((known) => known === entry['mode']);
  if (sha === null) return [];
  if (typeof content === 'string') {
    return [['', { mode: mode ?? '100644', oid: draft.blob(Buffer.from(content)) }]];
  }
  const isTree = typeof sha === 'string' && git.tree(sha) !== undefined;
  if (isTree) return [...filesOf(git, sha)].map(([path, file]) => [`/${path}`, file]);
  if (typeof sha !== 'string' || git.blobSize(sha) === undefined) {
    throw new Refusal(422, `tree.sha ${String(sha)} is not a valid blob`);
  }
  if (mode === undefined) throw new Refusal(422, 'tree.mode is not one that a file can have');
  return [['', { mode, oid: sha }]];
}
