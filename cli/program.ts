import { Command } from '@commander-js/extra-typings';
import { loadCommands } from './commands.ts';
import type { Context, Surroundings } from './context.ts';
import { EXIT } from './exit.ts';

const AFTER_HELP = `
Without --api, --profile or ITEM_SYNC_API_URL, the commands talk to the stack that npm start runs on this machine.
Addresses, credentials, exit codes and the shapes of --json are in docs/cli.md.`;

/** The commands that the arguments may mean, and the context in which they work. */
export async function createProgram(args: readonly string[], surroundings: Surroundings) {
  const program = new Command('item-sync')
    .description('Operates the Item Synchronization Process, on this machine or on AWS.')
    .option('--api <url>', 'address of the API (ITEM_SYNC_API_URL)')
    .option('--profile <name>', 'profile in profiles.json (ITEM_SYNC_PROFILE)')
    .option('--token-stdin', 'read the bearer token from stdin (instead of ITEM_SYNC_TOKEN)')
    .option('--json', 'print JSON')
    .option('--verbose', 'report each request on stderr, without headers and bodies')
    .addHelpText('after', AFTER_HELP)
    .helpCommand(false)
    // Errors are thrown, so that they can be turned into exit codes.
    .exitOverride()
    .configureOutput({
      writeOut: surroundings.output.raw,
      writeErr: (text) => surroundings.output.note(text.trimEnd()),
    })
    .showHelpAfterError('Use --help to see commands and options.');
  const context: Context = { ...surroundings, options: () => program.opts(), exit: EXIT.completed };
  const commands = await loadCommands(args, context, program);
  for (const command of commands) {
    program.addCommand(command.copyInheritedSettings(program).configureHelp({ showGlobalOptions: true }));
  }
  return { program, context };
}
