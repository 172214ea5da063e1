import { once } from 'node:events';
// The real clock, even if the command uses a scaled clock.
import { setTimeout } from 'node:timers';
import { EXIT, type Exit } from '../cli/exit.ts';
import { createScreen, type Screen } from '../cli/terminal/screen.ts';
import { report } from '../cli/terminal/terminal.ts';
import { UsageError } from '../cli/usage-error.ts';
import { type Configuration, readConfiguration } from './configuration.ts';
import { describeFailure } from './failures.ts';
import { permitWriting, secretOf } from './item-bank.ts';
import { readItemBankFolder } from './item-bank-folder.ts';
import { watchNpm } from './launcher.ts';
import { asksForHelp, type CommandName, checkUsage, formatHelp, OPTIONS } from './usage.ts';

interface CommandContext {
  configuration: Configuration;
  screen: Screen;
  /** Aborted when the command is asked to end, with `Interrupted` or `BackgroundFailure` as the reason. */
  signal: AbortSignal;
}

export type Command = (args: readonly string[], context: CommandContext) => Promise<Exit>;

/** Somebody asked the command to end before its work was done. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Background work has failed. The failure is reported at once, because closing may fail as well. */
class BackgroundFailure extends Error {
  override readonly name = 'BackgroundFailure';
}

/** Resolves when the command is asked to end. */
export async function interruption(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** Runs a command. A failure that a person can fix ends it with a sentence, without a stack trace. */
export async function runCommand(
  name: CommandName,
  command: Command,
  args: readonly string[],
): Promise<Exit> {
  // The state contains secrets, and code that the stack executes.
  process.umask(0o077);
  const screen = createScreen(process);
  const signal = endingSignal();
  try {
    if (asksForHelp(args)) {
      screen.print(formatHelp(name));
      return EXIT.completed;
    }
    checkUsage(name, args, process.env);
    const exit = await command(args, { configuration: readConfiguration(process.env), screen, signal });
    return signal.reason instanceof BackgroundFailure ? EXIT.failed : exit;
  } catch (error) {
    screen.close();
    return reportFailure(signal.aborted ? signal.reason : error);
  } finally {
    screen.close();
  }
}

function reportFailure(error: unknown): Exit {
  if (error instanceof BackgroundFailure) return EXIT.failed;
  if (error instanceof Interrupted) {
    report('\nInterrupted.');
    return EXIT.interrupted;
  }
  report(describeFailure(error));
  return error instanceof UsageError ? EXIT.usage : EXIT.failed;
}

/** npm forwards Ctrl-C, so one keypress arrives twice. Only a later signal ends the command without cleaning up. */
const IMPATIENT_AFTER_MS = 1_000;
/** Closing takes less than a second, unless the failure prevents it. */
const CLOSING_LIMIT_MS = 10_000;

function endingSignal(): AbortSignal {
  const ending = new AbortController();
  let endsSince: number | undefined;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (endsSince !== undefined && performance.now() - endsSince > IMPATIENT_AFTER_MS) {
        process.exit(EXIT.interrupted);
      }
      endsSince ??= performance.now();
      ending.abort(new Interrupted(name));
    });
  }
  watchNpm(() => ending.abort(new Interrupted('npm has ended')));
  // The reader of the output has ended, as in `npm run logs | head`.
  for (const output of [process.stdout, process.stderr]) {
    output.on('error', () => ending.abort(new Interrupted('the output is closed')));
  }
  // Also receives unhandled rejections. Only the first failure counts, because others may follow from it.
  process.on('uncaughtException', (error) => {
    if (ending.signal.aborted) return;
    report(describeFailure(error));
    ending.abort(new BackgroundFailure());
    setTimeout(() => process.exit(EXIT.failed), CLOSING_LIMIT_MS).unref();
  });
  return ending.signal;
}

/**
 * Applies the option `--write` to the configuration, and checks what a stack needs.
 *
 * @throws UsageError if the bank must not be written to, or if a variable or the folder of items is missing.
 */
export function prepareStack(args: readonly string[], given: Configuration): Configuration {
  const configuration = args.includes(OPTIONS.write) ? { ...given, bank: permitWriting(given.bank) } : given;
  const { bank } = configuration;
  secretOf(bank);
  if (bank.kind === 'simulated' && bank.folder !== undefined) readItemBankFolder(bank.folder);
  return configuration;
}
