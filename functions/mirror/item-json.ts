import { isUtf8 } from 'node:buffer';
import type { Failure, FieldIssue, Reason } from '../shared/contract/job-execution.ts';
import { isNestedDeeper } from '../shared/contract/json-depth.ts';
import { type ItemFields, readItemFields, workflowStatusIn } from './item-fields.ts';
import { isObject, normalizeId, type Part, textOf, typeOf } from './json-values.ts';
import { type Keywords, readKeywords } from './keywords.ts';

export type ItemJsonReading =
  | {
      kind: 'read';
      item: ItemFields;
      keywords: Keywords;
      /** The content of the file, without a byte order mark. */
      text: string;
    }
  | InvalidItemJson;

interface InvalidItemJson {
  kind: 'failed';
  /** The message says what is wrong, and where, in 300 characters at most. It quotes nothing of the item. */
  failure: Failure;
}

/**
 * 1 MiB. The mirror stores the text compressed in one row, and DynamoDB's limit for a row is 400 KB. JSON with HTML and
 * MathML shrinks to about a third, so a larger file would hardly fit.
 */
export const MAX_ITEM_JSON_BYTES = 1_048_576;

// DynamoDB's limit for a row is 400 KB. The rest is for the attributes of ITEM that are not fields of the item.
const MAX_FIELDS_BYTES = 300_000;

// Items nest fewer than ten levels deep. This leaves room for what the authoring tool may add, and keeps recursive code
// far from a stack overflow.
const MAX_LEVELS = 100;

/**
 * Reads an item.json. A file without a readable id and type is a failure with a reason. Any other value that cannot be
 * read is left out, and listed in the item's `fieldIssues`.
 */
export function readItemJson(content: Uint8Array): ItemJsonReading {
  const file = parseFile(content);
  if (file.kind === 'failed') return file;
  const required = partOfFile(file.values);
  const [itemId, type] = [textOf(required, 'id'), textOf(required, 'type')];
  // The id stays text, because it may be larger than a JavaScript number can represent exactly.
  const normalId = itemId === undefined ? undefined : normalizeId(itemId);
  if (isBlank(file.values['id']) || (itemId !== undefined && normalId === undefined)) {
    return failed('ITEM_ID_NOT_NUMERIC', 'id: must consist of digits only');
  }
  if (normalId === undefined || type === undefined) {
    return failed('ITEM_JSON_INVALID', faultsOf(required, { id: normalId, type }).join('; '));
  }
  const part = partOfFile(file.values);
  const fields = readItemFields(part, { itemId: normalId, type });
  const keywords = readKeywords(part, type);
  const item = part.issues.length > 0 ? { ...fields, fieldIssues: part.issues } : fields;
  const bytes = Buffer.byteLength(JSON.stringify(item));
  if (bytes > MAX_FIELDS_BYTES) {
    return failed('ITEM_JSON_TOO_LARGE', `the fields have ${bytes} bytes, more than ${MAX_FIELDS_BYTES}`);
  }
  return { kind: 'read', item, keywords, text: file.text };
}

const partOfFile = (values: Part['values']): Part => ({ values, path: '', issues: [] });

const isBlank = (value: unknown): boolean => typeof value === 'string' && value.trim() === '';

/** Says why required fields are undefined: each is either missing or one of the issues. */
function faultsOf({ issues }: Part, required: Readonly<Record<string, string | undefined>>): string[] {
  const sentence = ({ field, received, expected }: FieldIssue) =>
    `${field}: expected ${expected}, received ${received}`;
  const unread = Object.keys(required).filter((name) => required[name] === undefined);
  return unread.map((name) => {
    const issue = issues.find(({ field }) => field === name);
    return issue ? sentence(issue) : `${name}: missing or empty`;
  });
}

/** The workflow status of an earlier item.json, whether or not it is valid; undefined if it has none. */
export function workflowStatusOf(content: Uint8Array): string | undefined {
  const file = parseFile(content);
  return file.kind === 'parsed' ? workflowStatusIn(partOfFile(file.values)) : undefined;
}

type ParsedFile = { kind: 'parsed'; text: string; values: Part['values'] } | InvalidItemJson;

function parseFile(content: Uint8Array): ParsedFile {
  const bytes = content.byteLength;
  if (bytes > MAX_ITEM_JSON_BYTES) {
    return failed('ITEM_JSON_TOO_LARGE', `the file has ${bytes} bytes, more than ${MAX_ITEM_JSON_BYTES}`);
  }
  if (!isUtf8(content)) return failed('ITEM_JSON_INVALID', `the file is ${encodingOf(content)}`);
  const text = new TextDecoder().decode(content);
  if (text.trim() === '') return failed('ITEM_JSON_INVALID', 'the file is empty');
  if (isNestedDeeper(text, MAX_LEVELS)) {
    return failed('ITEM_JSON_INVALID', `the file is nested more than ${MAX_LEVELS} levels deep`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return { kind: 'parsed', text, values: value };
    return failed('ITEM_JSON_INVALID', `the file: expected object, received ${typeOf(value)}`);
  } catch (error) {
    return notJson(content, text, error);
  }
}

const LFS_POINTER = 'version https://git-lfs.github.com/spec/v1';
// Does not look for `=======`, which can also underline a heading.
const CONFLICT_MARKER = /^(?:<{7}|>{7})(?:\s|$)/m;

/** Says what the file is instead of JSON, if it can be recognized. Otherwise says where the JSON is invalid. */
function notJson(content: Uint8Array, text: string, error: unknown): InvalidItemJson {
  if (text.startsWith(LFS_POINTER)) {
    return failed(
      'ITEM_JSON_IN_LFS',
      'the file is a Git LFS pointer: commit item.json itself, without Git LFS',
    );
  }
  const conflict = CONFLICT_MARKER.exec(text);
  if (conflict) {
    const line = text.slice(0, conflict.index).split('\n').length;
    return failed('ITEM_JSON_INVALID', `the file has an unresolved merge conflict (line ${line})`);
  }
  if (content.includes(0)) return failed('ITEM_JSON_INVALID', `the file is ${encodingOf(content)}`);
  if (text.trimStart().startsWith('<')) {
    return failed('ITEM_JSON_INVALID', 'the file is HTML or XML, not JSON');
  }
  // JavaScript's message ends with the position of most faults. The rest of the message may quote the file.
  const [position = ''] = / \(line \d+ column \d+\)$/.exec(String(error)) ?? [];
  return failed('ITEM_JSON_INVALID', `the file is not JSON${position}`);
}

/** Describes a file that is not UTF-8, or that contains a zero byte, which JSON cannot contain. */
function encodingOf(content: Uint8Array): string {
  const [first = 0, second = 0] = content;
  const hasByteOrderMark = Math.min(first, second) === 0xfe && Math.max(first, second) === 0xff;
  // In UTF-16, every other byte of ASCII text is zero.
  const zeros = [...content.subarray(0, 4)].map((byte) => byte === 0);
  const isAscii16 = zeros[0] !== zeros[1] && zeros[0] === zeros[2] && zeros[1] === zeros[3];
  if (hasByteOrderMark || isAscii16) return 'UTF-16, not UTF-8';
  return content.includes(0) ? 'binary, not text' : 'not UTF-8';
}

function failed(reason: Reason, message: string): InvalidItemJson {
  return { kind: 'failed', failure: { reason, message } };
}
