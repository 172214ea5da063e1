import { isUtf8 } from 'node:buffer';
import { toDotPath } from 'zod/v4/core';
import type { Failure, Reason } from '../shared/contract/job-execution.ts';
import { type ItemFields, ItemJson, WorkflowStatus } from './item-fields.ts';

export type ItemJsonReading =
  | {
      kind: 'read';
      item: ItemFields;
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

// A path with its fault has 130 characters at most, so two stay below 300.
const MAX_FAULTS = 2;

/** Reads an item.json. An invalid file is a failure with a reason. */
export function readItemJson(content: Uint8Array): ItemJsonReading {
  const file = parseFile(content);
  if (file.kind === 'failed') return file;
  const { data: item, error } = ItemJson.safeParse(file.value);
  if (error) {
    const faults = error.issues.slice(0, MAX_FAULTS).map(({ path, message }) => {
      const fault = message.replace('Invalid input: ', '');
      return path.length === 0 ? `the file: ${fault}` : `${toDotPath(path)}: ${fault}`;
    });
    const more = error.issues.length - faults.length;
    if (more > 0) faults.push(`and ${more} more`);
    return failed('ITEM_JSON_INVALID', faults.join('; '));
  }
  // The id stays text, because it may be larger than a JavaScript number can represent exactly.
  if (!/^\d+$/.test(item.itemId)) return failed('ITEM_ID_NOT_NUMERIC', 'id: must consist of digits only');
  const bytes = Buffer.byteLength(JSON.stringify(item));
  if (bytes > MAX_FIELDS_BYTES) {
    return failed('ITEM_JSON_TOO_LARGE', `the fields have ${bytes} bytes, more than ${MAX_FIELDS_BYTES}`);
  }
  return { kind: 'read', item, text: file.text };
}

/** The workflow status of an earlier item.json, whether or not its other fields are valid; undefined if it has none. */
export function workflowStatusOf(content: Uint8Array): string | undefined {
  const file = parseFile(content);
  return file.kind === 'parsed' ? WorkflowStatus.safeParse(file.value).data : undefined;
}

type ParsedFile = { kind: 'parsed'; text: string; value: unknown } | InvalidItemJson;

function parseFile(content: Uint8Array): ParsedFile {
  const bytes = content.byteLength;
  if (bytes > MAX_ITEM_JSON_BYTES) {
    return failed('ITEM_JSON_TOO_LARGE', `the file has ${bytes} bytes, more than ${MAX_ITEM_JSON_BYTES}`);
  }
  if (!isUtf8(content)) return failed('ITEM_JSON_INVALID', 'the file is not UTF-8');
  const text = new TextDecoder().decode(content);
  if (text.trim() === '') return failed('ITEM_JSON_INVALID', 'the file is empty');
  if (isTooDeep(text)) {
    return failed('ITEM_JSON_INVALID', `the file is nested more than ${MAX_LEVELS} levels deep`);
  }
  try {
    return { kind: 'parsed', text, value: JSON.parse(text) };
  } catch (error) {
    // JavaScript's message ends with the position of most faults. The rest of the message may quote the file.
    const [position = ''] = / \(line \d+ column \d+\)$/.exec(String(error)) ?? [];
    return failed('ITEM_JSON_INVALID', `the file is not JSON${position}`);
  }
}

/** Counts brackets outside of strings, before anything is parsed. */
function isTooDeep(text: string): boolean {
  const steps: Readonly<Record<string, number>> = { '{': 1, '[': 1, '}': -1, ']': -1 };
  let level = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '"') isInString = !isInString;
    else if (!isInString) level += steps[character] ?? 0;
    // An escaped quotation mark does not end the string.
    else if (character === '\\') index += 1;
    if (level > MAX_LEVELS) return true;
  }
  return false;
}

function failed(reason: Reason, message: string): InvalidItemJson {
  return { kind: 'failed', failure: { reason, message } };
}
