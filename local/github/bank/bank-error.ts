/** A fault of a bank, its state folder, or the folder that it is imported from. The message is for a person to act on. */
export class BankError extends Error {
  override readonly name = 'BankError';
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
