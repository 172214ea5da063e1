import { Command } from '@commander-js/extra-typings';
import { abandonCommand } from './commands/abandon.ts';
import { changesCommand } from './commands/changes.ts';
import { completionCommand } from './commands/completion.ts';
import { doctorCommand } from './commands/doctor.ts';
import { failuresCommand } from './commands/failures.ts';
import { itemCommand } from './commands/item.ts';
import { logsCommand } from './commands/logs.ts';
import { restartCommand } from './commands/restart.ts';
import { runsCommand } from './commands/runs.ts';
import { smokeCommand } from './commands/smoke.ts';
import { startCommand } from './commands/start.ts';
import { statusCommand } from './commands/status.ts';
import { stopCommand } from './commands/stop.ts';
import { watchCommand } from './commands/watch.ts';
import { webhooksCommand } from './commands/webhooks.ts';
import type { Context, Surroundings } from './context.ts';
import { EXIT } from './exit.ts';

const AFTER_HELP = `
Without --api, --profile or ITEM_SYNC_API_URL, the commands talk to the stack that npm start runs on this machine.
Addresses, credentials, exit codes and the shapes of --json are in docs/cli.md.`;

/** All commands, and the context in which they work. */
export function createProgram(surroundings: Surroundings) {
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
  const commands = [
    startCommand(context),
    watchCommand(context),
    statusCommand(context),
    runsCommand(context),
    failuresCommand(context),
    changesCommand(context),
    webhooksCommand(context),
    itemCommand(context),
    stopCommand(context),
    restartCommand(context),
    abandonCommand(context),
    logsCommand(context),
    doctorCommand(context),
    smokeCommand(context),
    completionCommand(context, () => program),
  ];
  for (const command of commands) {
    program.addCommand(command.copyInheritedSettings(program).configureHelp({ showGlobalOptions: true }));
  }
  return { program, context };
}
