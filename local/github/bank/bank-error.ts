/**
 * A bank, its state folder or the folder that it is filled from is not as it has to be. The message is for the person
 * who can put it right.
 */
export class BankError extends Error {
  override readonly name = 'BankError';
}

/**
 * Does something with files. What the operating system refuses is told as `what`, with its code; but not a full disk,
 * which says nothing of the bank.
 *
 * @throws BankError instead of the system's error.
 */
export function withFiles<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = error instanceof Error && 'syscall' in error && 'code' in error ? error.code : undefined;
    if (code === undefined || code === 'ENOSPC') throw error;
    throw new BankError(`${what} (${String(code)}).`, { cause: error });
  }
}
