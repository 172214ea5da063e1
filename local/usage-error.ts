/** Wrong use of a command, told in words. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
