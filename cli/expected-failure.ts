/** A command cannot do its work, and the message says why and what to do. It is not a wrong use of the command. */
export class ExpectedFailure extends Error {
  override readonly name = 'ExpectedFailure';
}
