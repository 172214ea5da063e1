import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { readPieces } from '../../file-reading.ts';
import { BankError } from './bank-error.ts';
import { type BlobObject, blobHeader, type GitObject, hashObject, type StoredBlob } from './git/objects.ts';

/** Larger contents are stored as files. item.json is usually smaller, and media are larger. */
export const MAX_JOURNAL_BLOB_BYTES = 16 * 1024;

/** A file, and the id that git gives to its content. */
export interface HashedFile {
  path: string;
  oid: string;
  size: number;
}

/** Reads the content of a stored blob, or only its first bytes. */
export type BlobReader = (oid: string, maxBytes?: number) => Buffer;

/**
 * The contents of large blobs, each in a file that is named after the id of the blob. They are read when they are asked
 * for: neither the journal nor the memory of the process contains them.
 */
export interface BlobFiles {
  read: BlobReader;
  /** Moves the content of a large blob into a file. Other objects are returned as they are. */
  store(object: GitObject): GitObject;
  /** The blob of a file. A large content is copied piece by piece. */
  importFile(file: HashedFile): GitObject;
  /** @throws BankError if the content of a stored blob is missing or has another length. */
  check(object: GitObject): void;
}

export function openBlobFiles(folder: string): BlobFiles {
  const fileOf = (oid: string): string => join(folder, oid);
  /** Writes a file under a name that is known when it is written, so that a kill leaves no half of it under its name. */
  const write = (fill: (file: number) => StoredBlob): StoredBlob => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const incomplete = fileOf('incomplete');
    const file = openSync(incomplete, 'w', 0o600);
    let blob: StoredBlob;
    try {
      blob = fill(file);
    } finally {
      closeSync(file);
    }
    renameSync(incomplete, fileOf(blob.oid));
    return blob;
  };
  const storeContent = ({ content: base64 }: BlobObject): StoredBlob => {
    const content = Buffer.from(base64, 'base64');
    const blob: StoredBlob = {
      type: 'stored-blob',
      oid: hashObject('blob', content),
      size: content.length,
    };
    if (existsSync(fileOf(blob.oid))) return blob;
    return write((file) => {
      writeAll(file, content);
      return blob;
    });
  };
  return {
    read: (oid, maxBytes) => readStart(fileOf(oid), maxBytes),
    store: (object) => (object.type === 'blob' && isLarge(object) ? storeContent(object) : object),
    importFile({ path, oid, size }) {
      if (size > MAX_JOURNAL_BLOB_BYTES) {
        const blob: StoredBlob = { type: 'stored-blob', oid, size };
        // The id is that of the copy, because the file may have changed since it was hashed.
        return existsSync(fileOf(oid)) ? blob : write((copy) => copyFile(path, copy));
      }
      const content = withFile(path, ({ file }) => readFileSync(file));
      return { type: 'blob', content: content.toString('base64') };
    },
    check(object) {
      if (object.type !== 'stored-blob') return;
      const file = fileOf(object.oid);
      if (statSync(file, { throwIfNoEntry: false })?.size === object.size) return;
      throw new BankError(`${file} is missing or damaged.`, { isDamaged: true });
    },
  };
}

const isLarge = ({ content }: BlobObject): boolean =>
  Buffer.byteLength(content, 'base64') > MAX_JOURNAL_BLOB_BYTES;

/** Hashes a file piece by piece. */
export function hashFile(path: string): HashedFile & { changedMs: number } {
  return withFile(path, ({ file, size, changedMs }) => {
    const oid = hashPieces(path, size, readPieces(file, { bytes: size }));
    return { path, oid, size, changedMs };
  });
}

function copyFile(path: string, copy: number): StoredBlob {
  return withFile(path, ({ file, size }) => {
    const oid = hashPieces(path, size, copied(readPieces(file, { bytes: size }), copy));
    return { type: 'stored-blob', oid, size };
  });
}

function* copied(pieces: Iterable<Buffer>, copy: number): Generator<Buffer> {
  for (const piece of pieces) {
    writeAll(copy, piece);
    yield piece;
  }
}

/** @throws BankError if there are fewer bytes than the size, which is part of what git hashes. */
function hashPieces(path: string, size: number, pieces: Iterable<Buffer>): string {
  const hash = createHash('sha1').update(blobHeader(size));
  let hashed = 0;
  for (const piece of pieces) {
    hash.update(piece);
    hashed += piece.length;
  }
  if (hashed < size) throw new BankError(`${path} was changed while it was read.`);
  return hash.digest('hex');
}

/** Fails if the file has become a link since it was listed. */
function withFile<T>(path: string, use: (opened: { file: number; size: number; changedMs: number }) => T): T {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { size, mtimeMs: changedMs } = fstatSync(file);
    return use({ file, size, changedMs });
  } finally {
    closeSync(file);
  }
}

/** On a full disk, a write can end early without an error. The next one fails. */
function writeAll(file: number, content: Buffer): void {
  for (let written = 0; written < content.length; ) {
    written += writeSync(file, content, written);
  }
}

function readStart(path: string, maxBytes: number | undefined): Buffer {
  if (maxBytes === undefined) return readFileSync(path);
  const file = openSync(path, 'r');
  try {
    const pieces = [...readPieces(file, { bytes: maxBytes, chunkBytes: maxBytes })].map((piece) =>
      Buffer.from(piece),
    );
    return Buffer.concat(pieces);
  } finally {
    closeSync(file);
  }
}
