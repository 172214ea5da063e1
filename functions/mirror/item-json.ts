import { type $ZodError, toDotPath } from 'zod/v4/core';
import type { Reason } from '../shared/contract/job-execution.ts';
import { type ItemFields, ItemJson, WorkflowStatus } from './item-fields.ts';

export type ItemJsonReading =
  | {
      kind: 'read';
      item: ItemFields;
      /** What the file holds, without a byte order mark. */
      text: string;
    }
  | Trouble;

interface Trouble {
  kind: 'trouble';
  reason: Extract<Reason, 'ITEM_JSON_INVALID' | 'ITEM_JSON_TOO_LARGE' | 'ITEM_ID_NOT_NUMERIC'>;
  /** What is wrong, and where, in 300 characters at most. Nothing of what the item says. */
  message: string;
}

/**
 * 1 MiB. The mirror keeps the text compressed in a row of its own, which DynamoDB ends at 400 KB. JSON with HTML and
 * MathML shrinks to about a third, so that a larger file would hardly fit.
 */
export const MOST_ITEM_JSON_BYTES = 1_048_576;

// DynamoDB ends a row at 400 KB: the rest is for what the mirror's row says beside the item's fields.
const MOST_FIELDS_BYTES = 300_000;

// Items nest fewer than ten levels deep. This leaves room for what the authoring tool may add, and whoever walks the
// item by recursion stays far from the end of the stack.
const MOST_LEVELS = 100;

/** Reads an item.json. A file that is not good is an outcome with a reason. */
export function readItemJson(content: Uint8Array): ItemJsonReading {
  const file = parseFile(content);
  if (file.kind === 'trouble') return file;
  const { data: item, error } = ItemJson.safeParse(file.value);
  if (error) return invalid(faultsOf(error));
  // Kept as text: it may be more than a JavaScript number holds exactly.
  if (!/^\d+$/.test(item.itemId)) return trouble('ITEM_ID_NOT_NUMERIC', 'id: is not digits alone');
  const bytes = Buffer.byteLength(JSON.stringify(item));
  if (bytes > MOST_FIELDS_BYTES) {
    return trouble('ITEM_JSON_TOO_LARGE', `the fields take ${bytes} bytes, more than ${MOST_FIELDS_BYTES}`);
  }
  return { kind: 'read', item, text: file.text };
}

/** The workflow status of an older item.json, of which nothing else matters; undefined where the file does not say. */
export function workflowStatusOf(content: Uint8Array): string | undefined {
  const file = parseFile(content);
  return file.kind === 'parsed' ? WorkflowStatus.safeParse(file.value).data : undefined;
}

type ParsedFile = { kind: 'parsed'; text: string; value: unknown } | Trouble;

function parseFile(content: Uint8Array): ParsedFile {
  const bytes = content.byteLength;
  if (bytes > MOST_ITEM_JSON_BYTES) {
    return trouble('ITEM_JSON_TOO_LARGE', `the file has ${bytes} bytes, more than ${MOST_ITEM_JSON_BYTES}`);
  }
  const text = decode(content);
  if (text === undefined) return invalid('the file is not UTF-8');
  if (text.trim() === '') return invalid('the file is empty');
  if (isTooDeep(text)) return invalid(`the file is nested more than ${MOST_LEVELS} levels deep`);
  try {
    return { kind: 'parsed', text, value: JSON.parse(text) };
  } catch (error) {
    return invalid(`the file is not JSON${placeOf(error)}`);
  }
}

function decode(content: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}

const STEPS: Readonly<Record<string, number>> = { '{': 1, '[': 1, '}': -1, ']': -1 };

/** Counts brackets outside of strings, before anything is parsed. */
function isTooDeep(text: string): boolean {
  let level = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '"') isInString = !isInString;
    else if (!isInString) level += STEPS[character] ?? 0;
    // What is escaped does not end the string.
    else if (character === '\\') index += 1;
    if (level > MOST_LEVELS) return true;
  }
  return false;
}

/** JavaScript names the place of most faults; elsewhere its message quotes the file. */
function placeOf(error: unknown): string {
  const [place] = error instanceof Error ? (/ \(line \d+ column \d+\)$/.exec(error.message) ?? []) : [];
  return place ?? '';
}

// A path with its fault has 130 characters at most: two stay below 300.
const MOST_FAULTS = 2;

function faultsOf({ issues }: $ZodError): string {
  const told = issues.slice(0, MOST_FAULTS).map(({ path, message }) => {
    const fault = message.replace('Invalid input: ', '');
    return path.length === 0 ? `the file: ${fault}` : `${toDotPath(path)}: ${fault}`;
  });
  const more = issues.length - told.length;
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

const invalid = (message: string): Trouble => trouble('ITEM_JSON_INVALID', message);

function trouble(reason: Trouble['reason'], message: string): Trouble {
  return { kind: 'trouble', reason, message };
}
