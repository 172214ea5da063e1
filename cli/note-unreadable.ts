import type { Output } from './output.ts';

/** Names the runs or items whose rows the API cannot read. Without this note, the list would seem complete. */
export function noteUnreadable({ note }: Output, ids: readonly number[]): void {
  if (ids.length === 0) return;
  note(`The rows of these ids cannot be read; a later release may have written them: ${ids.join(', ')}.`);
}
