/** The members of a problem (RFC 9457) that the CLI uses. The gateway's own answers have only a status. */
export interface Problem {
  status: number;
  code?: string | undefined;
  detail?: string | undefined;
  title?: string | undefined;
  requestId?: string | undefined;
  retryAfterSeconds?: number | undefined;
  /** With `JOB_ALREADY_RUNNING`: the run that is working. */
  jobExecutionId?: number | undefined;
  executionArn?: string | undefined;
  dryRun?: boolean | undefined;
  /** With `ITEM_ID_AMBIGUOUS`. */
  itemBankIds?: number[] | undefined;
}

/** The API answered with an error. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly problem: Problem;
  readonly url: string;

  constructor(problem: Problem, url: string) {
    super(`${url} answered ${problem.status} ${problem.code ?? ''}`);
    this.problem = problem;
    this.url = url;
  }
}

/** There was no answer, so it is not known whether a request that changes something was carried out. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  readonly origin: string;
  readonly reason: string;

  constructor(origin: string, reason: string) {
    super(`${origin} cannot be reached: ${reason}`);
    this.origin = origin;
    this.reason = reason;
  }
}

/** The answer does not come from this API, so the address is probably wrong. */
export class StrangeAnswerError extends Error {
  override readonly name = 'StrangeAnswerError';
}

/**
 * The issuer did not issue a token. The message has its OAuth error code or status, and no text that may repeat a
 * secret.
 */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}
