import { ERRORS, type ErrorCode, type ErrorName } from './contract/errors.ts';

/** Facts that a caller may see, such as the id of the job execution that is running. */
type Details = Readonly<Record<string, string | number | boolean | readonly number[]>>;

interface ErrorOptions {
  cause?: unknown;
  details?: Details;
}

/** A named error. `message` never contains a token, a secret or a configuration value. */
export class SyncError extends Error {
  override readonly name: ErrorName;
  readonly code: ErrorCode;
  readonly retry: 'never' | 'later';
  readonly isCallers: boolean;
  readonly details: Details;

  constructor(name: ErrorName, message: string, { cause, details = {} }: ErrorOptions = {}) {
    super(message, { cause });
    this.name = name;
    this.code = ERRORS[name].code;
    this.retry = ERRORS[name].retry;
    this.isCallers = 'isCallers' in ERRORS[name];
    this.details = details;
  }
}

export function isSyncError(error: unknown, name?: ErrorName): error is SyncError {
  return error instanceof SyncError && (name === undefined || error.name === name);
}
