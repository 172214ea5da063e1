import type { FieldIssue } from '../shared/contract/job-execution.ts';

/**
 * Reads the values of item.json one by one. A value that cannot be read is treated as absent and noted as an issue, and
 * does not affect other values. null and blank text count as absent, and are not issues.
 */

/** An object of item.json. An absent one has no values. */
export interface Part {
  values: Readonly<Record<string, unknown>>;
  /** There is something else in its place, or in place of an object around it. */
  isUnreadable?: true;
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

// Notes are the longest texts of ITEM, and an item has few of them.
export const MAX_NOTE_CHARACTERS = 5_000;

// A row has room for three such lists, beside everything else.
const MAX_LIST_BYTES = 30_000;

const OBJECT = 'object';
const LIST = 'array';
const textUpTo = (characters: number): string => `text of at most ${characters} characters`;
const EXACT = `text, because numbers beyond ${Number.MAX_SAFE_INTEGER} are not exact`;
const FLAG = 'true or false';
const DATE = 'date and time with a time zone, as ISO 8601 or in milliseconds';
const ID = 'whole number';

export function partOf(part: Part, name: string): Part {
  const value = part.values[name];
  const place = { path: pathTo(part, name), issues: part.issues };
  if (isObject(value)) return { values: value, ...place };
  if (!isAbsent(value)) noteValue(part, name, OBJECT);
  const isUnreadable = part.isUnreadable || !isAbsent(value);
  return { values: {}, ...place, ...(isUnreadable && { isUnreadable }) };
}

/** Whether the file says nothing about a value. If something unreadable is in its place, that cannot be known. */
export const isSilent = (part: Part, name: string): boolean =>
  !part.isUnreadable && isAbsent(part.values[name]);

/** The objects of a list. They are created one at a time, because a file can contain hundreds of thousands. */
export function* entriesOf(part: Part, name: string): Generator<Part> {
  const { issues } = part;
  for (const { value, path } of listOf(part, name)) {
    if (isObject(value)) yield { values: value, path, issues };
    else if (!isAbsent(value)) note(issues, { field: path, received: typeOf(value), expected: OBJECT });
  }
}

/** Whether `entriesOf` yields all that a list says. */
export function areEntriesReadable(part: Part, name: string): boolean {
  const list = part.values[name];
  if (Array.isArray(list)) return list.every((value) => isObject(value) || isAbsent(value));
  return isSilent(part, name);
}

/** How many entries a list has, whatever they are; undefined if it cannot be read. */
export function lengthOf(part: Part, name: string): number | undefined {
  const list = part.values[name];
  if (Array.isArray(list)) return list.length;
  if (isSilent(part, name)) return 0;
  return isAbsent(list) ? undefined : noteValue(part, name, LIST);
}

function* listOf(part: Part, name: string): Generator<{ value: unknown; path: string }> {
  const list: unknown = part.values[name];
  if (!Array.isArray(list)) {
    if (!isAbsent(list)) noteValue(part, name, LIST);
    return;
  }
  const listPath = pathTo(part, name);
  for (const [index, value] of list.entries()) yield { value, path: `${listPath}[${index}]` };
}

/** As many of the values that were read from a list as a row has room for. If some are left out, that is an issue. */
export function storable<Value>(part: Part, name: string, values: readonly Value[]): Value[] {
  let bytes = 0;
  const kept = values.filter((value) => {
    bytes += Buffer.byteLength(JSON.stringify(value));
    return bytes <= MAX_LIST_BYTES;
  });
  if (kept.length < values.length) noteValue(part, name, `list of at most ${MAX_LIST_BYTES} bytes`);
  return kept;
}

/** Trimmed text. A number counts as text. */
export function textOf(part: Part, name: string): string | undefined {
  const value = part.values[name];
  if (isAbsent(value)) return undefined;
  return readText(part, name, { value: typeof value === 'string' ? value.trim() : value });
}

/** Text as it is in the file, with its spaces. A number counts as text. */
export function writtenTextOf(part: Part, name: string, maxCharacters?: number): string | undefined {
  const value = part.values[name];
  if (value === undefined || value === null || value === '') return undefined;
  return readText(part, name, { value, ...(maxCharacters !== undefined && { maxCharacters }) });
}

function readText(
  part: Part,
  name: string,
  { value, maxCharacters = MAX_CHARACTERS }: { value: unknown; maxCharacters?: number },
): string | undefined {
  if (typeof value === 'number') {
    // `-0` becomes `0`.
    if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return String(value);
    return noteValue(part, name, EXACT);
  }
  if (typeof value !== 'string' || value.length > maxCharacters) {
    return noteValue(part, name, textUpTo(maxCharacters));
  }
  // JSON can escape half of a surrogate pair. UTF-8, and therefore DynamoDB, cannot represent it.
  return value.toWellFormed();
}

/** Text of any length, such as HTML. */
export function longTextOf(part: Part, name: string): string | undefined {
  const value = part.values[name];
  if (isAbsent(value)) return undefined;
  return typeof value === 'string' ? value : noteValue(part, name, 'text');
}

/** The texts of a list, each of any length. */
export function* longTextsOf(part: Part, name: string): Generator<string> {
  for (const { value, path } of listOf(part, name)) {
    if (typeof value === 'string') yield value;
    else if (!isAbsent(value)) {
      note(part.issues, { field: path, received: typeOf(value), expected: 'text' });
    }
  }
}

/** Ids are compared as numbers, so they have no leading zeros: `007` is `7`. @returns undefined if it is no whole number. */
export const normalizeId = (id: string): string | undefined =>
  /^\d+$/.test(id) ? id.replace(/^0+(?=\d)/, '') : undefined;

/** The id of another item. It is text, because it may be larger than JavaScript can represent exactly. */
export function idOf(part: Part, name: string): string | undefined {
  const text = textOf(part, name);
  return text === undefined ? undefined : (normalizeId(text) ?? noteValue(part, name, ID));
}

/** ISO 8601 in UTC with milliseconds, so that dates can be compared as text. */
export function dateOf(part: Part, name: string): string | undefined {
  const value = part.values[name];
  return isAbsent(value) ? undefined : (parseDate(value) ?? noteValue(part, name, DATE));
}

// Some libraries write the offset without a colon.
const ISO_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/;

function parseDate(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value.trim() : undefined;
  if (typeof value !== 'number' && !(text !== undefined && ISO_DATE.test(text))) return undefined;
  const date = new Date(typeof value === 'number' ? value : (text ?? ''));
  if (Number.isNaN(date.getTime()) || (text !== undefined && !isCalendarDay(text.slice(0, 10))))
    return undefined;
  // Years of five digits would not compare as text.
  const iso = date.toISOString();
  return /^\d{4}-/.test(iso) ? iso : undefined;
}

/** Whether a month has a day from 1 to 31. JavaScript reads February 30 as March 2. */
const isCalendarDay = (day: string): boolean => new Date(`${day}T00:00Z`).toISOString().startsWith(day);

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

/** Notes an issue once, although parts such as the Spanish content are read several times. */
function note(issues: FieldIssue[], issue: FieldIssue): void {
  if (issues.length >= MAX_FIELD_ISSUES || issues.some(({ field }) => field === issue.field)) return;
  issues.push(issue);
}

type Defined<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

export function withoutUndefined<Fields extends object>(fields: Fields): Defined<Fields> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<Fields>;
}
