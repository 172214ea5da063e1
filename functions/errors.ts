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
  /** GitHub does not let the token do what was asked for, of one repository. */
  GitHubRefused: { code: 'GITHUB_REFUSED', retry: 'never' },
  /** GitHub asks to wait before it answers. */
  GitHubRateLimited: { code: 'RATE_LIMITED', retry: 'later' },
  /** DynamoDB, or another service of AWS, did not do for as long as its client tries what it does a moment later. */
  AwsUnavailable: { code: 'AWS_UNAVAILABLE', retry: 'later' },
  /** No repository of the item bank has this id. */
  ItemBankIdUnknown: { code: 'ITEM_BANK_ID_UNKNOWN', retry: 'never' },
  /** The mirror has no such item. */
  ItemNotFound: { code: 'ITEM_NOT_FOUND', retry: 'never' },
  /** A row that an earlier state wrote is not there. */
  RowMissing: { code: 'ROW_MISSING', retry: 'never' },
  /** A row was written by a later release, which this one cannot read. */
  RowTooNew: { code: 'ROW_TOO_NEW', retry: 'never' },
  /** The request's body is not what the route takes. */
  RequestInvalid: { code: 'REQUEST_INVALID', retry: 'never' },
  /** Environment variables of a function are missing or malformed. */
  ConfigurationInvalid: { code: 'CONFIGURATION_INVALID', retry: 'never' },
} as const;

export type ErrorName = keyof typeof ERRORS;

/**
 * What passes while a run waits: the state machine pauses, and calls the function again. The others that may be tried
 * again later are told to whoever asked for a run, who decides when.
 */
export const PASSING_ERRORS = ['GitHubUnavailable', 'AwsUnavailable'] as const satisfies ErrorName[];

/** What is the same for every batch: one that meets it ends the run, where other trouble is of that batch alone. */
export const ERRORS_OF_THE_RUN = [
  'ExecutionSuperseded',
  'GitHubCredentialsRejected',
  'GitHubSecretInvalid',
  'ConfigurationInvalid',
] as const satisfies ErrorName[];

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
