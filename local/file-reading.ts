/**
 * Reads files that can become larger than a string or a Buffer of Node can be: piece by piece, so that only one line of
 * them, or one piece, is in memory.
 */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const CHUNK_BYTES = 1024 * 1024;
const NEWLINE = 10;
const EMPTY = Buffer.alloc(0);

/**
 * Yields the next `bytes` of an open file, or fewer if it ends before. Each piece is overwritten by the next one.
 *
 * @param file its descriptor.
 */
export function* readPieces(
  file: number,
  { bytes = Number.POSITIVE_INFINITY, chunkBytes = CHUNK_BYTES } = {},
): Generator<Buffer> {
  const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, bytes));
  for (let left = bytes; left > 0; ) {
    const length = readSync(file, chunk, 0, Math.min(chunk.length, left), null);
    if (length === 0) return;
    left -= length;
    yield chunk.subarray(0, length);
  }
}

/** Yields the lines of a file, and the offset at which each ends. The text after the last newline is not a line. */
export function* readLines(
  path: string,
  chunkBytes = CHUNK_BYTES,
): Generator<{ text: string; endsAt: number }> {
  const file = openSync(path, 'r');
  try {
    let offset = 0;
    let begun: Buffer[] = [];
    for (const piece of readPieces(file, { chunkBytes })) {
      let start = 0;
      for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, start)) {
        const text = Buffer.concat([...begun, piece.subarray(start, end)]).toString();
        begun = [];
        start = end + 1;
        yield { text, endsAt: offset + start };
      }
      if (start < piece.length) begun.push(Buffer.from(piece.subarray(start)));
      offset += piece.length;
    }
  } finally {
    closeSync(file);
  }
}

/** Yields the lines of a file, the last one first, and the offset at which each starts. */
export function* readLinesBackwards(
  path: string,
  chunkBytes = CHUNK_BYTES,
): Generator<{ text: string; startsAt: number }> {
  const file = openSync(path, 'r');
  try {
    let offset = fstatSync(file).size;
    // What has been read and not yielded. It begins at the offset, and ends with a newline once one has been found.
    let rest: Buffer = EMPTY;
    while (offset > 0) {
      const length = Math.min(chunkBytes, offset);
      offset -= length;
      const before = Buffer.allocUnsafe(length);
      readSync(file, before, 0, length, offset);
      // The text after the last newline is still being written.
      if (rest.length === 0) rest = before.subarray(0, before.lastIndexOf(NEWLINE) + 1);
      else rest = Buffer.concat([before, rest]);
      for (let start = startOfLastLine(rest); start > 0; start = startOfLastLine(rest)) {
        yield { text: rest.toString('utf8', start, rest.length - 1), startsAt: offset + start };
        rest = rest.subarray(0, start);
      }
    }
    if (rest.length > 0) yield { text: rest.toString('utf8', 0, rest.length - 1), startsAt: 0 };
  } finally {
    closeSync(file);
  }
}

/** 0 if the line may start before the buffer. */
const startOfLastLine = (lines: Buffer): number =>
  lines.length < 2 ? 0 : lines.lastIndexOf(NEWLINE, lines.length - 2) + 1;
