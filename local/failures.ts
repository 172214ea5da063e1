import { CloudError } from './cloud/errors.ts';
import { PortsTaken } from './ports.ts';
import { UsageError } from './usage-error.ts';

const RESET = 'Run npm run reset in the same environment to delete what is kept there, then start again.';
const NO_SPACE = 'The disk is full: free some space and try again. Everything that was accepted is kept.';

/** A sentence for failures that a person can fix, and the stack trace of all others. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof CloudError && error.code === 'TableDiffers') return `${error.message} ${RESET}`;
  if (error instanceof CloudError || error instanceof UsageError || error instanceof PortsTaken) {
    return error.message;
  }
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC') return NO_SPACE;
  // The ports were free when they were checked.
  if (code === 'EADDRINUSE') return `Another program has taken a port in the meantime: ${error.message}.`;
  return error.stack ?? error.message;
}
