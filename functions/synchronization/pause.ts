import { RateLimited } from '../item-bank/github-answers.ts';

/** Why the work stops here, and when it can go on. */
export interface Pause {
  resumeAt: Date;
  why: string;
}

/** @throws `error` itself unless it is GitHub's wish to wait. */
export function pauseFor(error: unknown): Pause {
  if (error instanceof RateLimited) return { resumeAt: error.resumeAt, why: error.message };
  throw error;
}
