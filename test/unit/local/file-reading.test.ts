import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readLines, readLinesBackwards } from '../../../local/file-reading.ts';

function createFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'file-reading-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'lines');
  writeFileSync(file, text);
  return file;
}

/** "é" and "€" have several bytes, so that some pieces end inside a character. */
const TEXTS: readonly (readonly [text: string, lines: readonly string[]])[] = [
  ['', []],
  ['\n', ['']],
  ['a', []],
  ['a\n', ['a']],
  ['\na\n\n', ['', 'a', '']],
  ['one\ntwo é\nthree €€€\nnot yet', ['one', 'two é', 'three €€€']],
];
const CHUNKS = [1, 2, 3, 5, 1000];

describe.each(CHUNKS)('a file that is read in pieces of %i bytes', (chunkBytes) => {
  it.each(TEXTS)('yields each complete line of %j, and where it ends', (text, lines) => {
    const read = [...readLines(createFile(text), chunkBytes)];
    expect(read.map((line) => line.text)).toEqual(lines);
    const bytes = Buffer.from(text);
    expect(read.map(({ endsAt }) => bytes.toString('utf8', 0, endsAt))).toEqual(
      lines.map((_, index) =>
        lines
          .slice(0, index + 1)
          .map((line) => `${line}\n`)
          .join(''),
      ),
    );
  });

  it.each(TEXTS)('yields the lines of %j backwards, and where each starts', (text, lines) => {
    const read = [...readLinesBackwards(createFile(text), chunkBytes)];
    expect(read.map((line) => line.text)).toEqual(lines.toReversed());
    const bytes = Buffer.from(text);
    for (const line of read) expect(bytes.toString('utf8', line.startsAt)).toMatch(line.text);
    expect(read.map(({ startsAt }) => bytes.toString('utf8', 0, startsAt).split('\n').length - 1)).toEqual(
      lines.map((_, index) => index).toReversed(),
    );
  });
});
