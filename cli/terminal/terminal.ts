/**
 * Writes text to the terminal. Repository names, commit messages and GitHub's answers come from outside: their control
 * characters could forge log lines, overwrite the screen, or reverse the direction of text.
 */

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Control characters, line and paragraph separators, half surrogate pairs, and invisible formatting characters, such as
 * those that change the direction of text. The two joiners are not escaped, because some languages and emoji need them.
 */
const UNPRINTABLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const escaped = (character: string): string => {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return SHORT[character] ?? (code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`);
};

/** Escapes everything in a text from outside that is not a visible character of one line. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, escaped);

/** Escapes the same in a text of our own that may have several lines. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

/** JSON with the same characters escaped, so that a program reads the same values. */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value).replace(UNPRINTABLE, (character) =>
    Array.from({ length: character.length }, (_, index) => jsonEscape(character.charCodeAt(index))).join(''),
  );

const jsonEscape = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`;

/** Writes the result of a command. */
export const print = (text: string): void => void process.stdout.write(`${printableLines(text)}\n`);

/** Writes a line about the work of a command, such as progress or an error. */
export const report = (text: string): void => void process.stderr.write(`${printableLines(text)}\n`);
