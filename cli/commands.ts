import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Context } from './context.ts';

type Load = (context: Context, program: CommandUnknownOpts) => Promise<CommandUnknownOpts>;

/** The modules of the commands, in the order of the help. */
const COMMANDS: Readonly<Record<string, Load>> = {
  start: async (context) => (await import('./commands/start.ts')).startCommand(context),
  watch: async (context) => (await import('./commands/watch.ts')).watchCommand(context),
  status: async (context) => (await import('./commands/status.ts')).statusCommand(context),
  runs: async (context) => (await import('./commands/runs.ts')).runsCommand(context),
  failures: async (context) => (await import('./commands/failures.ts')).failuresCommand(context),
  changes: async (context) => (await import('./commands/changes.ts')).changesCommand(context),
  webhooks: async (context) => (await import('./commands/webhooks.ts')).webhooksCommand(context),
  item: async (context) => (await import('./commands/item.ts')).itemCommand(context),
  stop: async (context) => (await import('./commands/stop.ts')).stopCommand(context),
  restart: async (context) => (await import('./commands/restart.ts')).restartCommand(context),
  abandon: async (context) => (await import('./commands/abandon.ts')).abandonCommand(context),
  logs: async (context) => (await import('./commands/logs.ts')).logsCommand(context),
  doctor: async (context) => (await import('./commands/doctor.ts')).doctorCommand(context),
  smoke: async (context) => (await import('./commands/smoke.ts')).smokeCommand(context),
  completion: async (context, program) =>
    (await import('./commands/completion.ts')).completionCommand(context, program),
};

const NEED_ALL = ['--help', '-h', 'completion'];

/**
 * The names of the commands that these arguments may mean. Only these are loaded, because loading all of them takes longer
 * than most questions. All of them, if they are to be listed or if none is named.
 */
export function commandsIn(args: readonly string[]): string[] {
  const all = Object.keys(COMMANDS);
  if (args.some((arg) => NEED_ALL.includes(arg))) return all;
  const named = all.filter((name) => args.includes(name));
  return named.length === 0 ? all : named;
}

export const loadCommands = (
  args: readonly string[],
  context: Context,
  program: CommandUnknownOpts,
): Promise<CommandUnknownOpts[]> =>
  Promise.all(commandsIn(args).flatMap((name) => COMMANDS[name]?.(context, program) ?? []));
