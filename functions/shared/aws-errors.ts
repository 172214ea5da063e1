import { SyncError } from './errors.ts';

/**
 * A failure of an AWS service that may pass, by our name for it, and any other as it is. The SDK has as many names for
 * it as there are services; that its client has tried more than once says the same of all of them.
 */
export function nameAwsTrouble(error: unknown): unknown {
  const failure = [error, causeOf(error)].find(isPassing);
  if (failure === undefined) return error;
  return new SyncError('AwsUnavailable', `${failure.name}: ${failure.message}`, { cause: error });
}

/** Powertools wraps what the SDK throws. */
function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function isPassing(error: unknown): error is Error {
  if (!(error instanceof Error) || error instanceof SyncError) return false;
  if ('$fault' in error && error.$fault === 'server') return true;
  const { attempts = 1 } = '$metadata' in error ? Object(error.$metadata) : {};
  return Number(attempts) > 1;
}
