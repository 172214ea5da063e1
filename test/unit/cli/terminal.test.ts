import { describe, expect, it } from 'vitest';
import { formatLine } from '../../../cli/log-reader.ts';
import { createScreen } from '../../../cli/terminal/screen.ts';
import { printable, printableLines } from '../../../cli/terminal/terminal.ts';
import { readSources } from '../../support/sources.ts';

const CASES = [
  ['a newline, which begins a forged line', 'sync\n2026-01-01 INFO forged', '\\n', 1],
  ['a carriage return, which overwrites the line', 'sync\rforged', '\\r', 1],
  ['a tab', 'a\tb', '\\t', 1],
  ['an ANSI escape', '\u001b[2Jempty', '\\u001b', 1],
  ['a C1 control character, which also starts an escape', '\u009b2J', '\\u009b', 1],
  ['DEL and NUL', '\u007f\u0000', '\\u007f\\u0000', 2],
  ['a line separator and a paragraph separator', '\u2028\u2029', '\\u2028\\u2029', 2],
  ['overrides of the direction of text', '\u202egpj.exe\u2066', '\\u202e', 2],
  ['marks of the direction of text', '\u200e\u200f\u061c', '\\u200e\\u200f\\u061c', 3],
  ['invisible characters', '\u00ad\ufeff\u{e0041}', '\\u00ad\\ufeff\\u{e0041}', 3],
  ['half a surrogate pair', 'a\ud83d', '\\ud83d', 1],
] as const;

describe('a text from outside', () => {
  it.each(CASES)('is printed without %s', (_what, text, shown, count) => {
    expect(printable(text)).toContain(shown);
    expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect([...printable(text)].filter((character) => character === '\\')).toHaveLength(count);
  });

  it.each(['Straße, 文字, עברית', 'می\u200cخواهم', '👩\u200d🔬', 'C:\\n'])(
    'is printed as it is: %s',
    (text) => {
      expect(printable(text)).toBe(text);
    },
  );
});

describe('a text of our own', () => {
  it('can have several lines, which are escaped one by one', () => {
    expect(printableLines('one\n\u001b[2Jtwo\r\n')).toBe('one\n\\u001b[2Jtwo\\r\n');
  });
});

const LINE = {
  timestamp: '2026-01-01T00:00:00.000Z',
  level: 'INFO',
  service: 'synchronize-batch',
  message: 'item "a\n2026-01-01 00:00:00.000  INFO complete-execution   [1] COMPLETED" failed\u001b[1A',
} as const;

describe('a line of the log', () => {
  it('stays one line, so that a repository name cannot forge another', () => {
    const line = formatLine({ ...LINE });
    expect(line).not.toMatch(/\p{Cc}/u);
    expect(line).toContain('item "a\\n2026-01-01');
  });
});

describe.each([{ isTTY: true }, { isTTY: false }])('a screen (terminal: $isTTY)', ({ isTTY }) => {
  it('escapes what it prints and reports, even if its caller did not', () => {
    let written = '';
    const write = (text: string | Uint8Array): boolean => {
      written += String(text);
      return true;
    };
    const output = { isTTY, columns: 80, write };
    const screen = createScreen({ stdout: output, stderr: output });
    screen.print('\u001b[2J');
    screen.report('\u009b2J');
    screen.working('\u001b]0;title\u0007');
    screen.close();
    expect(written.replaceAll('\r\u001b[K', '')).not.toMatch(/(?!\n)\p{Cc}/u);
  });
});

describe('the embedded cloud and the CLI', () => {
  /** These define what is written, start before TypeScript can run, or hand on the outputs. */
  const WRITING = ['cli/launch.mjs', 'cli/terminal/terminal.ts', 'local/cloud/lambda-worker.ts'];

  it('writes to the terminal only by functions that escape', async () => {
    const sources = await readSources(['cli', 'local']);
    const writing = sources.filter(({ text }) =>
      /\bconsole\.\w+\(|\bstd(out|err)\.write = |process\.std(out|err)\.write/.test(text),
    );
    expect(writing.map(({ path }) => path).toSorted()).toEqual(WRITING);
  });
});
