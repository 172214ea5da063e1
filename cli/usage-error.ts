/** Wrong use of a command. The message says what to do about it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
