import { createHash } from 'node:crypto';
import { SyncError } from './errors.ts';

const CURSOR = /^(\d{1,16})\.([0-9a-f]{16})$/;

/** The cursor of the page that begins after `after`, a number above 0. It is opaque, and only valid for its query. */
export function encodeCursor(query: object, after: number): string {
  return Buffer.from(`${after}.${digestOf(query, after)}`).toString('base64url');
}

/**
 * A cursor grants nothing that its query does not, so the digest has no key. It only shows that the cursor is whole,
 * and that it is not used for another query, whose page it would cut at a wrong place.
 * @throws SyncError `RequestInvalid`.
 */
export function decodeCursor(query: object, cursor: string): number {
  const [, number, digest] = CURSOR.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  const after = Number(number);
  // The decoder ignores characters that are not base64.
  const isWhole = digest === digestOf(query, after) && cursor === encodeCursor(query, after);
  if (isWhole && after > 0 && Number.isSafeInteger(after)) return after;
  throw new SyncError(
    'RequestInvalid',
    'cursor is damaged or belongs to another query: take the `next` of the page before',
  );
}

const digestOf = (query: object, after: number): string =>
  createHash('sha256')
    .update(JSON.stringify([query, after]))
    .digest('hex')
    .slice(0, 16);
