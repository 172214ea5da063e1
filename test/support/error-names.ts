import type { ErrorName } from '../../functions/shared/contract/errors.ts';

/** A name that is missing here, or is no name any more, does not compile. */
const NAMES: Record<ErrorName, true> = {
  JobExecutionAlreadyRunning: true,
  ExecutionSuperseded: true,
  ExecutionNotStarted: true,
  GitHubCredentialsRejected: true,
  GitHubSecretInvalid: true,
  OrganizationNotFound: true,
  GitHubUnavailable: true,
  GitHubRedirected: true,
  GitHubRefused: true,
  GitHubRateLimited: true,
  AwsUnavailable: true,
  ItemBankIdUnknown: true,
  ItemNotFound: true,
  ExecutionNotFound: true,
  ExecutionItemsExpired: true,
  ExecutionEnded: true,
  NothingToRestart: true,
  ItemIdAmbiguous: true,
  RowMissing: true,
  RowTooNew: true,
  RowInvalid: true,
  RequestInvalid: true,
  SignatureInvalid: true,
  RequestTooLarge: true,
  DeliveryNotQueued: true,
  ConfigurationInvalid: true,
};

export const ERROR_NAMES: readonly string[] = Object.keys(NAMES);
