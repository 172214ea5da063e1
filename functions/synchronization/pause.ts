import { Interrupted, RateLimited } from '../github/github-answers.ts';

/** Why the work stops here, and when it can go on. */
export interface Pause {
  resumeAt: Date;
  why: string;
  /** Where GitHub asks to wait: of the answer that says so. */
  githubRequestId?: string;
}

/** @throws `error` itself unless it only asks to go on later. */
export function pauseFor(error: unknown): Pause {
  if (!(error instanceof Interrupted)) throw error;
  const { resumeAt, message: why } = error;
  const githubRequestId = error instanceof RateLimited ? error.githubRequestId : undefined;
  return { resumeAt, why, ...(githubRequestId !== undefined && { githubRequestId }) };
}
