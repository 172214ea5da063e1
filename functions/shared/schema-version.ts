import { SyncError } from './errors.ts';

/** A row that says by which version of its table it was written. One that does not is of the first. */
interface Versioned {
  schemaVersion?: number;
}

/**
 * Called by who takes a row at its word. After a deployment was taken back there may be rows of the later release.
 * @throws SyncError `RowTooNew` for a row of a later version than `known`, which might say something else by then.
 */
export function assertReadable({ schemaVersion = 1 }: Versioned, known: number): void {
  if (schemaVersion <= known) return;
  throw new SyncError('RowTooNew', `a row is of version ${schemaVersion}, and this release knows ${known}`);
}
