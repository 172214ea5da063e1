import type { components } from '@octokit/openapi-types';
import type { TreeEntry } from '../bank/git/objects.ts';
import { type GitContext, wrappedBase64 } from './git.ts';

type Schemas = components['schemas'];

/** The content of larger files, up to 100 MB, is available only in raw form. */
const MAX_INLINE_BYTES = 1024 * 1024;

const TYPES = { '040000': 'dir', '100644': 'file', '100755': 'file', '120000': 'symlink' } as const;

export interface ContentPlace {
  path: string;
  /** The branch or commit as named by the client. */
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
  const isInline = fields.size <= MAX_INLINE_BYTES;
  return {
    ...fields,
    type: 'file',
    content: isInline ? wrappedBase64(context.git.blob(entry.oid) ?? Buffer.alloc(0)) : '',
    encoding: isInline ? 'base64' : 'none',
  };
}

/** A link that does not lead to a file of the repository. Other links are answered like the file. */
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

/** The answer to a write: the file without its content, or null after a deletion. */
export function writtenFileAnswer(
  entry: TreeEntry | undefined,
  place: ContentPlace,
  context: GitContext,
): Schemas['file-commit']['content'] {
  if (entry === undefined) return null;
  const { download_url, ...fields } = contentFields(entry, place, context);
  return { ...fields, download_url: download_url ?? '', type: 'file' };
}
