/**
 * Every failure that has a name. The name is what the state machine's Retry and Catch match, the code is what
 * callers of the API see; both are literals because minifying mangles class names.
 */
const ERRORS = {
  /** Another execution holds the lock and Step Functions says that it lives. */
  JobExecutionAlreadyRunning: { code: 'JOB_ALREADY_RUNNING', retry: 'later' },
  /** The lock names another execution: this one must stop at once and change nothing. */
  ExecutionSuperseded: { code: 'EXECUTION_SUPERSEDED', retry: 'never' },
  /** Step Functions refused or did not answer StartExecution. */
  ExecutionNotStarted: { code: 'EXECUTION_NOT_STARTED', retry: 'later' },
  /** GitHub answers 401: the token in the secret is wrong, revoked or expired. */
  GitHubCredentialsRejected: { code: 'GITHUB_CREDENTIALS_REJECTED', retry: 'never' },
  /** The secret does not hold what it should. */
  GitHubSecretInvalid: { code: 'GITHUB_SECRET_INVALID', retry: 'never' },
  /** The token does not see the organization. */
  OrganizationNotFound: { code: 'ORGANIZATION_NOT_FOUND', retry: 'never' },
  /** GitHub could not be reached, or answered with something that is not an answer. */
  GitHubUnavailable: { code: 'GITHUB_UNAVAILABLE', retry: 'later' },
  /** GitHub asks to wait before it answers. */
  GitHubRateLimited: { code: 'RATE_LIMITED', retry: 'later' },
  /** No repository of the item bank has this id. */
  ItemBankIdUnknown: { code: 'ITEM_BANK_ID_UNKNOWN', retry: 'never' },
  /** The mirror has no such item. */
  ItemNotFound: { code: 'ITEM_NOT_FOUND', retry: 'never' },
  /** A row that an earlier state wrote is not there. */
  RowMissing: { code: 'ROW_MISSING', retry: 'never' },
  /** The request's body is not what the route takes. */
  RequestInvalid: { code: 'REQUEST_INVALID', retry: 'never' },
  /** Environment variables of a function are missing or malformed. */
  ConfigurationInvalid: { code: 'CONFIGURATION_INVALID', retry: 'never' },
} as const;

export type ErrorName = keyof typeof ERRORS;
export type ErrorCode = (typeof ERRORS)[ErrorName]['code'];

interface ErrorOptions {
  cause?: unknown;
  /** Facts that a caller may see, such as the id of the run in the way. */
  details?: Readonly<Record<string, string | number>>;
}

/** A failure by name. `message` never holds a token, a secret or a configuration value. */
export class SyncError extends Error {
  override readonly name: ErrorName;
  readonly code: ErrorCode;
  readonly retry: 'never' | 'later';
  readonly details: Readonly<Record<string, string | number>>;

  constructor(name: ErrorName, message: string, { cause, details = {} }: ErrorOptions = {}) {
    super(message, { cause });
    this.name = name;
    this.code = ERRORS[name].code;
    this.retry = ERRORS[name].retry;
    this.details = details;
  }
}

export function isSyncError(error: unknown, name?: ErrorName): error is SyncError {
  return error instanceof SyncError && (name === undefined || error.name === name);
}
