import type { Outcome } from '../shared/contract/job-execution.ts';
import type { Deferral } from '../shared/deferral.ts';

/** What became of the messages about one item. */
export type Fate =
  | { kind: 'done'; outcome?: Outcome }
  /** GitHub or AWS could not be asked. The messages come back until they can. */
  | { kind: 'later'; message: string; deferral?: Deferral }
  /** The item is not as its messages say yet. Another attempt may succeed, but the next full run makes one in any case. */
  | { kind: 'failed'; message: string };
