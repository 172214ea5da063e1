import { printable } from '../../../cli/terminal/terminal.ts';

/** A setting with which the stored bank was created, and its value now. */
export interface OriginDifference {
  name: string;
  stored: unknown;
  wanted: unknown;
}

interface Details {
  cause?: unknown;
  /** Set if the stored bank has another origin. */
  differences?: readonly OriginDifference[];
  /** Whether the stored bank cannot be read, so that only a new one helps. */
  isDamaged?: boolean;
}

/** A fault of a bank, its state folder, or the folder that it is imported from. */
export class BankError extends Error {
  override readonly name = 'BankError';
  readonly differences: readonly OriginDifference[];
  readonly isDamaged: boolean;

  constructor(message: string, { cause, differences = [], isDamaged = false }: Details = {}) {
    // A message can contain names of files, which can contain any character.
    super(printable(message), { cause });
    this.differences = differences;
    this.isDamaged = isDamaged;
  }
}

/**
 * Runs file operations and converts errors of the operating system to a BankError with this message and the error's
 * code. A full disk is not converted, because it is not a fault of the bank.
 *
 * @throws BankError
 */
export function withFiles<T>(message: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = error instanceof Error && 'syscall' in error && 'code' in error ? error.code : undefined;
    if (code === undefined || code === 'ENOSPC') throw error;
    throw new BankError(`${message} (${String(code)}).`, { cause: error });
  }
}
