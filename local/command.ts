import { once } from 'node:events';
import { type Configuration, readConfiguration } from './configuration.ts';
import { describeFailure } from './failures.ts';
import { permitWriting } from './item-bank.ts';
import { createScreen, type Screen } from './screen.ts';
import { UsageError } from './usage-error.ts';

/** Exit codes of the commands, for scripts. */
export const EXIT = {
  completed: 0,
  failed: 1,
  usage: 2,
  completedWithFailures: 3,
  alreadyRunning: 4,
  /** What a shell reports for a program that Ctrl-C ended. */
  interrupted: 130,
} as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** Resolves when the command is asked to end. */
export const interruption = (): Promise<unknown> =>
  Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);

interface CommandContext {
  configuration: Configuration;
  screen: Screen;
}

export type Command = (args: readonly string[], context: CommandContext) => Promise<Exit>;

/** Runs a command. A failure that a person can fix ends it with a sentence, without a stack trace. */
export async function runCommand(command: Command, args: readonly string[]): Promise<Exit> {
  const screen = createScreen(process);
  try {
    return await command(args, { configuration: readConfiguration(process.env), screen });
  } catch (error) {
    screen.close();
    console.error(describeFailure(error));
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  } finally {
    screen.close();
  }
}

/** @throws UsageError for arguments that are not among `known`. */
export function checkArguments(args: readonly string[], known: readonly string[], usage: string): void {
  const unknown = args.filter((arg) => !known.includes(arg));
  if (unknown.length > 0) throw new UsageError(`Unknown option ${unknown.join(' ')}. Usage: ${usage}`);
}

/**
 * Applies the option `--write` to the configuration.
 * @throws UsageError if the bank must not be written to, or if a variable that writing needs is not set.
 */
export function withWriteOption(args: readonly string[], configuration: Configuration): Configuration {
  return args.includes('--write')
    ? { ...configuration, bank: permitWriting(configuration.bank) }
    : configuration;
}
