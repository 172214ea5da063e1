import { deferralOf } from '../shared/deferral.ts';

/** Why the work stops here, and when it can go on. */
export interface Pause {
  resumeAt: Date;
  why: string;
  /** Where GitHub asks to wait: of the answer that says so. */
  githubRequestId?: string;
}

/** @throws `error` itself unless it only asks to go on later. */
export function pauseFor(error: unknown): Pause {
  const { resumeAt, message: why, githubRequestId } = deferralOf(error);
  return { resumeAt, why, ...(githubRequestId !== undefined && { githubRequestId }) };
}
