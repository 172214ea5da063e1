import { UsageError } from '../cli/usage-error.ts';
import { type Command, prepareStack } from './command.ts';
import { findPlace } from './place.ts';
import { runInOtherStack } from './run-in-other-stack.ts';
import { runInOwnStack } from './run-in-own-stack.ts';
import { COMMANDS, OPTIONS } from './usage.ts';

/** Runs the process once: in another command's stack if one is running, otherwise in a stack of its own. */
export const run: Command = async (args, { configuration: given, screen, signal }) => {
  const isDryRun = args.includes(OPTIONS.dryRun);
  if (isDryRun && args.includes(OPTIONS.write)) {
    throw new UsageError('--dry-run and --write exclude each other.');
  }
  const configuration = prepareStack(args, given);
  // Without --write this run is a dry run, even in a stack that was started with --write.
  const plan = { configuration, screen, signal, dryRun: isDryRun || configuration.bank.dryRunOnly };
  for (;;) {
    const place = await findPlace(configuration.stateFolder, { ...plan, command: COMMANDS.sync.command });
    if (place.kind === 'claimed') {
      try {
        return await runInOwnStack(plan);
      } finally {
        place.release();
      }
    }
    const exit = await runInOtherStack(place, plan);
    if (exit !== undefined) return exit;
  }
};
