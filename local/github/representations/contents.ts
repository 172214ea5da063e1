import type { components } from '@octokit/openapi-types';
import type { TreeEntry } from '../bank/git/objects.ts';
import { type GitContext, wrappedBase64 } from './git.ts';

type Schemas = components['schemas'];

/** Up to here the content comes with the answer; above, up to 100 MB, only in the raw form. */
const MOST_INLINE_BYTES = 1024 * 1024;

const TYPES = { '040000': 'dir', '100644': 'file', '100755': 'file', '120000': 'symlink' } as const;

export interface ContentPlace {
  path: string;
  /** The branch or the commit, as the client named it. */
  ref: string;
}

function contentFields(entry: TreeEntry, { path, ref }: ContentPlace, context: GitContext) {
  const { base, fullName } = context;
  const url = `${base}/repos/${fullName}`;
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  const isFolder = entry.mode === '040000';
  const self = `${url}/contents/${encoded}?ref=${encodeURIComponent(ref)}`;
  const git = `${url}/git/${isFolder ? 'trees' : 'blobs'}/${entry.oid}`;
  const html = `${base}/${fullName}/${isFolder ? 'tree' : 'blob'}/${ref}/${encoded}`;
  return {
    name: path.split('/').at(-1) ?? '',
    path,
    sha: entry.oid,
    size: context.git.blobSize(entry.oid) ?? 0,
    url: self,
    html_url: html,
    git_url: git,
    download_url: isFolder ? null : `${base}/raw/${fullName}/${ref}/${encoded}`,
    _links: { self, git, html },
  };
}

export function fileAnswer(
  entry: TreeEntry,
  place: ContentPlace,
  context: GitContext,
): Schemas['content-file'] {
  const fields = contentFields(entry, place, context);
  const isInline = fields.size <= MOST_INLINE_BYTES;
  return {
    ...fields,
    type: 'file',
    content: isInline ? wrappedBase64(context.git.blob(entry.oid) ?? Buffer.alloc(0)) : '',
    encoding: isInline ? 'base64' : 'none',
  };
}

/** A link that leads to no file of the repository; one that does is answered as that file. */
export function linkAnswer(
  entry: TreeEntry,
  place: ContentPlace,
  context: GitContext,
): Schemas['content-symlink'] {
  const target = String(context.git.blob(entry.oid) ?? '');
  return { ...contentFields(entry, place, context), type: 'symlink', target };
}

export function folderAnswer(
  entries: readonly TreeEntry[],
  { path, ref }: ContentPlace,
  context: GitContext,
): Schemas['content-directory'] {
  return entries.map((entry) => ({
    ...contentFields(entry, { path: path === '' ? entry.name : `${path}/${entry.name}`, ref }, context),
    type: TYPES[entry.mode],
  }));
}

/** What a write answers: the file, without its content, or null when it is gone. */
export function writtenFileAnswer(
  entry: TreeEntry | undefined,
  place: ContentPlace,
  context: GitContext,
): Schemas['file-commit']['content'] {
  if (entry === undefined) return null;
  const { download_url, ...fields } = contentFields(entry, place, context);
  return { ...fields, download_url: download_url ?? '', type: 'file' };
}
