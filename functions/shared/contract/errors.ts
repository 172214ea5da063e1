/**
 * Every failure that has a name. Retry and Catch of the state machine match the name; callers of the API see the code.
 * Both are literals, because minifying changes class names. `isCallers`: the caller caused it, and nobody has to look
 * at it.
 */
export const ERRORS = {
  /** Another execution holds the lock, and Step Functions says that it is running. */
  JobExecutionAlreadyRunning: { code: 'JOB_ALREADY_RUNNING', retry: 'later', isCallers: true },
  /** The lock names another execution. This one must stop at once and change nothing. */
  ExecutionSuperseded: { code: 'EXECUTION_SUPERSEDED', retry: 'never' },
  /** Step Functions rejected StartExecution, or did not answer it. */
  ExecutionNotStarted: { code: 'EXECUTION_NOT_STARTED', retry: 'later' },
  /** GitHub answers 401: the token in the secret is wrong, revoked or expired. */
  GitHubCredentialsRejected: { code: 'GITHUB_CREDENTIALS_REJECTED', retry: 'never' },
  /** The GitHub secret is not JSON, or lacks a field. */
  GitHubSecretInvalid: { code: 'GITHUB_SECRET_INVALID', retry: 'never' },
  /** The token does not see the organization. */
  OrganizationNotFound: { code: 'ORGANIZATION_NOT_FOUND', retry: 'never' },
  /** GitHub could not be reached, or its answer was unusable. */
  GitHubUnavailable: { code: 'GITHUB_UNAVAILABLE', retry: 'later' },
  /** GitHub, or a proxy, redirects requests to another host, or in a way that would turn a write into a read. */
  GitHubRedirected: { code: 'GITHUB_REDIRECTED', retry: 'never' },
  /** The token may not do what was requested. */
  GitHubRefused: { code: 'GITHUB_REFUSED', retry: 'never' },
  /** GitHub asks to wait. */
  GitHubRateLimited: { code: 'RATE_LIMITED', retry: 'later' },
  /** An AWS call kept failing after the SDK's own retries. */
  AwsUnavailable: { code: 'AWS_UNAVAILABLE', retry: 'later' },
  /** No repository of the item bank has this id. */
  ItemBankIdUnknown: { code: 'ITEM_BANK_ID_UNKNOWN', retry: 'never', isCallers: true },
  /** The mirror has no such item. */
  ItemNotFound: { code: 'ITEM_NOT_FOUND', retry: 'never', isCallers: true },
  /** No execution has this job execution id. */
  ExecutionNotFound: { code: 'EXECUTION_NOT_FOUND', retry: 'never', isCallers: true },
  /** The outcomes of single ids of the execution are no longer kept. */
  ExecutionItemsExpired: { code: 'EXECUTION_ITEMS_EXPIRED', retry: 'never', isCallers: true },
  /** The execution has ended, so that it can no longer be stopped or abandoned. */
  ExecutionEnded: { code: 'EXECUTION_ENDED', retry: 'never', isCallers: true },
  /** The execution left no work, or it is no longer known what it left. */
  NothingToRestart: { code: 'NOTHING_TO_RESTART', retry: 'never', isCallers: true },
  /** Several repositories have the item id. The details name their item bank ids. */
  ItemIdAmbiguous: { code: 'ITEM_ID_AMBIGUOUS', retry: 'never', isCallers: true },
  /** A row that an earlier state should have written does not exist. */
  RowMissing: { code: 'ROW_MISSING', retry: 'never' },
  /** A row was written by a newer release, which this one cannot read. */
  RowTooNew: { code: 'ROW_TOO_NEW', retry: 'never' },
  /** A row lacks a required attribute, or an attribute has another type. */
  RowInvalid: { code: 'ROW_INVALID', retry: 'never' },
  /** The route does not accept the request. */
  RequestInvalid: { code: 'REQUEST_INVALID', retry: 'never', isCallers: true },
  /** A delivery is not signed, or its signature is not one of GitHub's with our secret. */
  SignatureInvalid: { code: 'SIGNATURE_INVALID', retry: 'never', isCallers: true },
  /** The body of a request is larger than the route accepts. */
  RequestTooLarge: { code: 'REQUEST_TOO_LARGE', retry: 'never', isCallers: true },
  /** SQS did not accept a delivery. */
  DeliveryNotQueued: { code: 'DELIVERY_NOT_QUEUED', retry: 'later' },
  /** Environment variables of a function are missing or malformed. */
  ConfigurationInvalid: { code: 'CONFIGURATION_INVALID', retry: 'never' },
} as const;

export type ErrorName = keyof typeof ERRORS;
export type ErrorCode = (typeof ERRORS)[ErrorName]['code'];

/** Errors that pass by themselves: the state machine waits and invokes the function again. */
export const PASSING_ERRORS = ['GitHubUnavailable', 'AwsUnavailable'] as const satisfies ErrorName[];

/** Errors that every batch would meet, and that therefore end the run. Any other error fails only its batch. */
export const ERRORS_OF_THE_RUN = [
  'ExecutionSuperseded',
  'GitHubCredentialsRejected',
  'GitHubSecretInvalid',
  'GitHubRedirected',
  'ConfigurationInvalid',
] as const satisfies ErrorName[];
