import { once } from 'node:events';
import { type Configuration, readConfiguration } from './configuration.ts';
import { inWords } from './failures.ts';
import { permitWriting } from './item-bank.ts';
import { UsageError } from './usage-error.ts';

/** What a command's exit code tells a script. */
export const EXIT = {
  completed: 0,
  failed: 1,
  usage: 2,
  completedWithFailures: 3,
  alreadyRunning: 4,
  /** As a shell says of a program that Ctrl-C ended. */
  interrupted: 130,
} as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** Resolves when somebody asks the command to end. */
export const interruption = (): Promise<unknown> =>
  Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);

export type Command = (args: readonly string[], configuration: Configuration) => Promise<Exit>;

/** Runs a command; what goes wrong is told in words, without a stack trace where a person can put it right. */
export async function runCommand(command: Command, args: readonly string[]): Promise<Exit> {
  try {
    return await command(args, readConfiguration(process.env));
  } catch (error) {
    console.error(inWords(error));
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
}

/** @throws UsageError when there are arguments that are not among `known`. */
export function assertKnown(args: readonly string[], known: readonly string[], usage: string): void {
  const unknown = args.filter((arg) => !known.includes(arg));
  if (unknown.length > 0) throw new UsageError(`${unknown.join(' ')} is not an option. Usage: ${usage}`);
}

/**
 * The configuration as the option `--write` makes it.
 * @throws UsageError when this bank may not be written to, or may not be without more.
 */
export function withWriteOption(args: readonly string[], configuration: Configuration): Configuration {
  return args.includes('--write')
    ? { ...configuration, bank: permitWriting(configuration.bank) }
    : configuration;
}
