import { isSyncError, SyncError } from './errors.ts';

/**
 * Gives a failure of an AWS service that may pass our name `AwsUnavailable`, and returns any other error as it is. The
 * SDK's names differ between services. A failure that its client retried, or that is the service's fault, may pass. An
 * error that has one of our names keeps it, whatever its cause is.
 */
export function nameAwsFailure(error: unknown): unknown {
  if (isSyncError(error)) return error;
  // Powertools wraps what the SDK throws.
  const cause = error instanceof Error ? error.cause : undefined;
  const failure = [error, cause].find(mayPass);
  if (failure === undefined) return error;
  return new SyncError('AwsUnavailable', `${failure.name}: ${failure.message}`, { cause: error });
}

// DynamoDB rejects a write to a row that a transaction is just changing. The SDK does not retry it.
const CONFLICT = 'TransactionConflictException';

function mayPass(error: unknown): error is Error {
  if (!(error instanceof Error) || error instanceof SyncError) return false;
  if (error.name === CONFLICT) return true;
  if ('$fault' in error && error.$fault === 'server') return true;
  const { attempts = 1 } = '$metadata' in error ? Object(error.$metadata) : {};
  return Number(attempts) > 1;
}
