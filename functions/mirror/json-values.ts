import type { FieldIssue } from '../shared/contract/job-execution.ts';

/**
 * Reads the values of item.json one by one. A value that cannot be read is treated as absent and noted as an issue, and
 * does not affect other values. null and blank text count as absent, and are not issues.
 */

/** An object of item.json. An absent one has no values. */
export interface Part {
  values: Readonly<Record<string, unknown>>;
  /** `core.testAdministration`; empty for the file itself. */
  path: string;
  /** Shared by all parts of a file. */
  issues: FieldIssue[];
}

/** A file can contain half a million bad entries. Further issues appear once the first ones are corrected. */
const MAX_FIELD_ISSUES = 20;

// The item id and the stimulus id are keys of indexes, which DynamoDB limits to 2,048 bytes. 500 characters take at
// most 1,500 bytes in UTF-8.
const MAX_CHARACTERS = 500;

const OBJECT = 'object';
const LIST = 'array';
const TEXT = `text of at most ${MAX_CHARACTERS} characters`;
const EXACT = `text, because numbers beyond ${Number.MAX_SAFE_INTEGER} are not exact`;
const FLAG = 'true or false';

export function partOf(part: Part, name: string): Part {
  const value = part.values[name];
  const place = { path: pathTo(part, name), issues: part.issues };
  if (isObject(value)) return { values: value, ...place };
  if (!isAbsent(value)) noteValue(part, name, OBJECT);
  return { values: {}, ...place };
}

/** The objects of a list. They are created one at a time, because a file can contain hundreds of thousands. */
export function* entriesOf(part: Part, name: string): Generator<Part> {
  const { issues } = part;
  const list = part.values[name];
  if (!Array.isArray(list)) {
    if (!isAbsent(list)) noteValue(part, name, LIST);
    return;
  }
  const listPath = pathTo(part, name);
  for (const [index, entry] of list.entries()) {
    const path = `${listPath}[${index}]`;
    if (isObject(entry)) yield { values: entry, path, issues };
    else if (!isAbsent(entry)) note(issues, { field: path, received: typeOf(entry), expected: OBJECT });
  }
}

/** Trimmed text. A number counts as text. */
export function textOf(part: Part, name: string): string | undefined {
  const value = part.values[name];
  if (typeof value === 'number') {
    // `-0` becomes `0`.
    if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return String(value);
    return noteValue(part, name, EXACT);
  }
  if (isAbsent(value)) return undefined;
  const text = typeof value === 'string' ? value.trim() : undefined;
  if (text === undefined || text.length > MAX_CHARACTERS) return noteValue(part, name, TEXT);
  // JSON can escape half of a surrogate pair. UTF-8, and therefore DynamoDB, cannot represent it.
  return text.toWellFormed();
}

/** Text that may be a boolean. */
export function textOrFlagOf(part: Part, name: string): string | undefined {
  const value = part.values[name];
  return typeof value === 'boolean' ? String(value) : textOf(part, name);
}

const FLAGS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  [false, false],
  ['true', true],
  ['false', false],
  ['yes', true],
  ['no', false],
  ['not needed', false],
]);

/** A boolean, or one of the words that the authoring tool has used for it. */
export function flagOf(part: Part, name: string): boolean | undefined {
  const value = part.values[name];
  if (isAbsent(value)) return undefined;
  const flag = FLAGS.get(typeof value === 'string' ? value.trim().toLowerCase() : value);
  return flag ?? noteValue(part, name, FLAG);
}

/** A whole number from 0 to `most`, as a number or as digits in text. */
export function wholeNumberOf(part: Part, name: string, most: number): number | undefined {
  const value = part.values[name];
  if (isAbsent(value)) return undefined;
  const isDigits = typeof value === 'string' && /^\d+$/.test(value.trim());
  const number = isDigits ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= most) return number;
  return noteValue(part, name, `whole number from 0 to ${most}`);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isAbsent = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

/** JSON's name of the type of a value. */
export function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

const pathTo = ({ path }: Part, name: string): string => (path === '' ? name : `${path}.${name}`);

function noteValue(part: Part, name: string, expected: string): undefined {
  note(part.issues, { field: pathTo(part, name), received: typeOf(part.values[name]), expected });
}

function note(issues: FieldIssue[], issue: FieldIssue): void {
  if (issues.length < MAX_FIELD_ISSUES) issues.push(issue);
}
