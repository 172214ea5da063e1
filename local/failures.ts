import { CloudError, PortTaken } from './cloud/errors.ts';
import { UsageError } from './usage-error.ts';

const PORT_VARIABLES = { aws: 'LOCAL_AWS_PORT', api: 'LOCAL_API_PORT' } as const;

/** A port that one of the servers beside the cloud could not have. */
class ServerPortTaken extends Error {
  override readonly name = 'ServerPortTaken';

  constructor(port: number, variable: string) {
    super(sentence(port, variable));
  }
}

const sentence = (port: number, variable: string): string =>
  `Port ${port} is taken by another program: end it, or set ${variable} to a free port.`;

const NO_SPACE = 'The disk is full: make room and try again. What was accepted is kept.';

const RESET = 'npm run reset, in the same environment, forgets what is kept there; then start again.';

/** What a person needs to know of a failure: a sentence where there is something to do, else all there is. */
export function inWords(error: unknown): string {
  if (error instanceof PortTaken) return sentence(error.port, PORT_VARIABLES[error.role]);
  if (error instanceof CloudError && error.code === 'TableDiffers') return `${error.message} ${RESET}`;
  if (error instanceof CloudError || error instanceof UsageError || error instanceof ServerPortTaken) {
    return error.message;
  }
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return NO_SPACE;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Tells a taken port by the variable that changes it. */
export async function onPort<T>(port: number, variable: string, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    throw taken ? new ServerPortTaken(port, variable) : error;
  }
}
