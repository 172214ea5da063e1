import { CommanderError } from '@commander-js/extra-typings';
import { createSend } from './api/http.ts';
import { describeAwsError } from './connection/aws.ts';
import type { FindLocalStack } from './connection/connection.ts';
import type { Surroundings } from './context.ts';
import { describeError } from './describe/errors.ts';
import { EXIT, type Exit } from './exit.ts';
import { createOutput } from './output.ts';
import { createProgram } from './program.ts';

/** Runs `item-sync` in this process. */
export async function runItemSync(args: readonly string[], findLocalStack: FindLocalStack): Promise<Exit> {
  const { stdin, stdout, stderr, env } = process;
  const signal = endingSignal();
  return runCommandLine(args, {
    env,
    output: createOutput({ stdout, stderr }, env),
    signal,
    send: createSend(signal),
    readStdin: async () => (await stdin.setEncoding('utf8').toArray()).join(''),
    findLocalStack,
  });
}

/** Runs a command. A failure prints a sentence, never a stack trace. */
export async function runCommandLine(args: readonly string[], surroundings: Surroundings): Promise<Exit> {
  const { output, signal } = surroundings;
  const { program, context } = await createProgram(args, surroundings);
  try {
    await program.parseAsync(args, { from: 'user' });
    return signal.aborted ? EXIT.interrupted : context.exit;
  } catch (error) {
    output.screen.close();
    if (signal.aborted) return EXIT.interrupted;
    // Commander has already said what is wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.completed : EXIT.usage;
    const described = describeError(error);
    output.note(described?.sentence ?? describeAwsError(error) ?? describeUnexpected(error));
    return described?.exit ?? EXIT.failed;
  } finally {
    output.screen.close();
  }
}

/** Without a stack trace, which only helps developers. `--verbose` shows the request that caused the error. */
const describeUnexpected = (error: unknown): string =>
  `This is a bug in item-sync: ${error instanceof Error ? `${error.name}: ${error.message}` : 'unknown'}. Please report it.`;

/**
 * Aborted by Ctrl-C. If the program that reads the output exits, as in `item-sync runs | head -1`, the process ends.
 */
function endingSignal(): AbortSignal {
  const ending = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      // A second Ctrl-C does not wait for the command to end in its own way.
      if (ending.signal.aborted) process.exit(EXIT.interrupted);
      ending.abort();
    });
  }
  for (const output of [process.stdout, process.stderr])
    output.on('error', () => process.exit(EXIT.interrupted));
  return ending.signal;
}
