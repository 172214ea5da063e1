import { UsageError } from '../cli/usage-error.ts';
import { CloudError } from './cloud/errors.ts';
import { StateDamaged } from './files.ts';
import { PortsTaken } from './ports.ts';

export const RESET =
  'Run npm run reset in the same environment to delete what is kept there, then start again.';
const NO_SPACE = 'The disk is full: free some space and try again. Everything that was accepted is kept.';

/** Descriptions of operating system errors that a person can fix. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user has no permission',
  EPERM: 'this user has no permission',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'there is a file of that name',
  ENOENT: 'it does not exist and cannot be created',
  ENAMETOOLONG: 'the path is too long',
  ELOOP: 'it is a link to itself',
  EMFILE: 'too many files are open',
  EIO: 'the device reports an error',
};

/** A sentence for failures that a person can fix, and the stack trace of all others. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // The reason of a failure is more useful than its consequences.
  if (isFull(error)) return NO_SPACE;
  if (error instanceof StateDamaged) return `${error.message} ${RESET}`;
  if (error instanceof CloudError) return describeCloudError(error);
  if (error instanceof UsageError || error instanceof PortsTaken) return error.message;
  // The ports were free when they were checked.
  if (codeOf(error) === 'EADDRINUSE') {
    return `Another program has taken a port in the meantime: ${error.message}.`;
  }
  const reason = REASONS[codeOf(error)];
  const path = 'path' in error && typeof error.path === 'string' ? error.path : undefined;
  if (reason !== undefined && path !== undefined)
    return `${path} cannot be used: ${reason} (${codeOf(error)}).`;
  return error.stack ?? error.message;
}

function describeCloudError(error: CloudError): string {
  if (error.code === 'TableDiffers') return `${error.message} ${RESET}`;
  if (error.code !== 'StateFolderUnusable') return error.message;
  const { cause } = error;
  const why = cause instanceof Error ? (REASONS[codeOf(cause)] ?? cause.message) : '';
  return `${error.message}${why && `, because ${why}`}: set LOCAL_STATE_FOLDER to a folder that you may write to.`;
}

const FULL = ['ENOSPC', 'EDQUOT'];

const isFull = (error: Error): boolean =>
  FULL.includes(codeOf(error)) || (error.cause instanceof Error && isFull(error.cause));

const codeOf = (error: Error): string => ('code' in error ? String(error.code) : '');
