import { createHash } from 'node:crypto';

/** A person and a date in the API's format: UTC, without fractions of a second. */
export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly date: string;
}

/** A file, an executable file, and a symbolic link, whose content is its target. */
export type FileMode = '100644' | '100755' | '120000';

export interface TreeEntry {
  readonly mode: FileMode | '040000';
  readonly name: string;
  readonly oid: string;
}

export interface BlobObject {
  readonly type: 'blob';
  /** Base64, because the journal is JSON. */
  readonly content: string;
}

/** A blob whose content is in a file of its own. */
export interface StoredBlob {
  readonly type: 'stored-blob';
  readonly oid: string;
  readonly size: number;
}

export interface TreeObject {
  readonly type: 'tree';
  /** In git's order. */
  readonly entries: readonly TreeEntry[];
}

export interface CommitObject {
  readonly type: 'commit';
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

export type GitObject = BlobObject | StoredBlob | TreeObject | CommitObject;

/** The object's id, computed like git: SHA-1 of its type, length and bytes. */
export function oidOf(object: GitObject): string {
  return object.type === 'stored-blob' ? object.oid : hashObject(object.type, bytesOf(object));
}

type Hashed = Exclude<GitObject, StoredBlob>;

export function hashObject(type: Hashed['type'], body: Buffer): string {
  return createHash('sha1').update(`${type} ${body.length}\0`).update(body).digest('hex');
}

/** What git hashes before the content of a blob. */
export const blobHeader = (size: number): string => `blob ${size}\0`;

/** The length of the content; 0 for an object that is not a blob. */
export function contentBytes(object: GitObject): number {
  if (object.type === 'stored-blob') return object.size;
  return object.type === 'blob' ? Buffer.byteLength(object.content, 'base64') : 0;
}

function bytesOf(object: Hashed): Buffer {
  switch (object.type) {
    case 'blob':
      return Buffer.from(object.content, 'base64');
    case 'tree':
      return Buffer.concat(object.entries.map(treeEntryBytes));
    case 'commit':
      return Buffer.from(commitText(object));
    default:
      return assertNever(object);
  }
}

/** Unlike the API, git writes the mode of a folder without a leading zero. */
function treeEntryBytes({ mode, name, oid }: TreeEntry): Buffer {
  return Buffer.concat([Buffer.from(`${mode.replace(/^0/, '')} ${name}\0`), Buffer.from(oid, 'hex')]);
}

function commitText({ tree, parents, author, committer, message }: CommitObject): string {
  const lines = [
    `tree ${tree}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author ${signatureText(author)}`,
    `committer ${signatureText(committer)}`,
  ];
  return `${lines.join('\n')}\n\n${message}`;
}

/** Like git, removes the characters that delimit names and addresses in a commit. */
function signatureText({ name, email, date }: Signature): string {
  const plain = (text: string): string => text.replace(/[<>\n]/g, '');
  return `${plain(name)} <${plain(email)}> ${Date.parse(date) / 1000} +0000`;
}

function assertNever(object: never): never {
  throw new Error(`Not a git object: ${JSON.stringify(object)}`);
}
