/** A command that was used correctly cannot do its work. The message says why, and what to do. */
export class ExpectedFailure extends Error {
  override readonly name = 'ExpectedFailure';
}
