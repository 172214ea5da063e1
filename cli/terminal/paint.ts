import { stripVTControlCharacters, styleText } from 'node:util';
import { printable } from './terminal.ts';

declare const escaped: unique symbol;
/** Text whose control characters are escaped. It may contain colours that this module has added. */
export type Text = string & { readonly [escaped]: true };

export type Tone = 'plain' | 'good' | 'warning' | 'bad' | 'faint' | 'strong';

const FORMATS = { good: 'green', warning: 'yellow', bad: 'red', faint: 'gray', strong: 'bold' } as const;

/** Escapes text from outside, and colours it. */
export type Paint = (value: string, tone?: Tone) => Text;

/** Colours are only for a terminal, and never used if NO_COLOR is set: https://no-color.org */
export function createPaint({ isTTY, env }: { isTTY: boolean; env: NodeJS.ProcessEnv }): Paint {
  const hasColours = isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  return (value, tone = 'plain') => {
    const safe = printable(value);
    const isPlain = !hasColours || tone === 'plain';
    return (isPlain ? safe : styleText(FORMATS[tone], safe, { validateStream: false })) as Text;
  };
}

export const join = (parts: readonly Text[], separator = ''): Text => parts.join(separator) as Text;

/** Adds spaces up to this width on the screen. */
export const pad = (value: Text, width: number): Text =>
  (value + ' '.repeat(Math.max(0, width - widthOf(value)))) as Text;

const widthOf = (value: Text): number => stripVTControlCharacters(value).length;

const GAP = '  ';

/** The first row of a table. */
export const titleRow = (titles: readonly string[], paint: Paint): Text[] =>
  titles.map((title) => paint(title, 'faint'));

/** Lines of columns, each as wide as its widest cell. The last column is not padded. */
export function formatTable(rows: readonly (readonly Text[])[]): Text[] {
  // Without a call that has an argument for each row, which fails for more than about 120,000.
  const widths: number[] = [];
  for (const [column, cell] of rows.flatMap((row) => [...row.entries()])) {
    widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
  }
  return rows.map(
    (row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : pad(cell, widths[column] ?? 0)))
        .join(GAP)
        .trimEnd() as Text,
  );
}
