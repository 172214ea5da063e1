/** Why work waits, and until when. */
export interface Deferral {
  /**
   * `rate-limited`: GitHub asks to wait, or its hourly reserve is reached. `outage`: GitHub does not answer. `out-of-time`:
   * the invocation has too little time left, and another one continues at once. `deadline`: the run is over.
   */
  kind: 'rate-limited' | 'outage' | 'out-of-time' | 'deadline';
  resumeAt: Date;
  /** For people. */
  message: string;
  /** GitHub's id of the answer that asks to wait, or of an error page. */
  githubRequestId?: string;
}

/** Thrown where work must stop. The rest of the work is deferred. */
export class DeferredError extends Error {
  override readonly name = 'DeferredError';
  readonly deferral: Deferral;

  constructor(deferral: Deferral) {
    super(deferral.message);
    this.deferral = deferral;
  }
}

/** @throws `error` itself unless it is a DeferredError. */
export function deferralOf(error: unknown): Deferral {
  if (error instanceof DeferredError) return error.deferral;
  throw error;
}
