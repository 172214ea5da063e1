import { UsageError } from '../cli/usage-error.ts';

const DRY_RUN = '--dry-run';
const WRITE = '--write';
const FOLLOW = '--follow';
export const OPTIONS = { dryRun: DRY_RUN, write: WRITE, follow: FOLLOW } as const;
const HELP = '--help';

interface Usage {
  /** As a person types it. */
  command: string;
  does: string;
  /** What each option does. */
  options: Readonly<Record<string, string>>;
}

export const COMMANDS = {
  sync: {
    command: 'npm run sync',
    does: 'Runs the process once and shows its log: in the stack of npm start if it is running, or else in its own.',
    options: {
      [DRY_RUN]: 'lists, compares and reports, and writes nothing',
      [WRITE]: 'lets the run write to the organization that ITEM_BANK_ORG names',
    },
  },
  start: {
    command: 'npm start',
    does: 'Keeps the stack running until Ctrl-C, and prints commands to paste.',
    options: { [WRITE]: 'lets runs write to the organization that ITEM_BANK_ORG names' },
  },
  logs: {
    command: 'npm run logs',
    does: 'Shows the log of all runs.',
    options: { [FOLLOW]: 'continues with new lines until Ctrl-C' },
  },
  reset: {
    command: 'npm run reset',
    does: 'Deletes the state of the item bank: its history, its logs, its mirror, and the simulated organization.',
    options: {},
  },
} as const satisfies Record<string, Usage>;

export type CommandName = keyof typeof COMMANDS;

const usageOf = (name: CommandName): Usage => COMMANDS[name];

/** Whether the arguments ask for the help of the command instead of its work. */
export const asksForHelp = (args: readonly string[]): boolean => args.includes(HELP) || args.includes('-h');

export function formatHelp(name: CommandName): string {
  const { does, options } = usageOf(name);
  const lines = Object.entries({ ...options, [HELP]: 'shows this text and does nothing else' });
  return [
    `Usage: ${formatUsage(name)}`,
    '',
    does,
    '',
    'Options, after "--", without which npm takes them for its own:',
    ...lines.map(([option, meaning]) => `  ${option.padEnd(10)} ${meaning}`),
    '',
    'Environment variables and exit codes are in docs/running-locally.md.',
  ].join('\n');
}

function formatUsage(name: CommandName): string {
  const { command, options } = usageOf(name);
  const names = Object.keys(options);
  return names.length === 0 ? command : `${command} [-- ${names.join(' | ')}]`;
}

/** @throws UsageError for arguments that the command does not know, and for an option that npm took for its own. */
export function checkUsage(
  name: CommandName,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): void {
  const { command, options } = usageOf(name);
  const taken = optionsTakenByNpm(env);
  const [typed, meant] = taken[0] ?? [];
  if (typed !== undefined && meant !== undefined) {
    const advice = Object.hasOwn(options, meant)
      ? `Use ${command} -- ${taken.map(([, option]) => option).join(' ')}`
      : `${command} has no option ${meant}`;
    throw new UsageError(
      `Nothing was started, because npm took ${typed} for an option of its own. ${advice}.`,
    );
  }
  const unknown = args.filter((arg) => !Object.hasOwn(options, arg));
  if (unknown.length > 0) {
    throw new UsageError(`Unknown option ${unknown.join(' ')}. Usage: ${formatUsage(name)}`);
  }
}

const ALL_OPTIONS = [DRY_RUN, WRITE, FOLLOW, HELP];
const NPM_CONFIG = 'npm_config_';
/** None of npm's own options is this similar to one of ours, except --dry-run and --help, which npm has as well. */
const MAX_TYPING_ERRORS = 2;

/**
 * Without the separator `--`, npm does not pass options on. `npm run sync --dry-run` only sets
 * `npm_config_dry_run=true` in the environment, and npm does the same with misspelled options. The variable of an
 * option that is off is empty.
 *
 * @returns each such option as it was typed, and the option of ours that was meant.
 */
function optionsTakenByNpm(env: Readonly<Record<string, string | undefined>>): [string, string][] {
  return Object.entries(env).flatMap(([variable, value]): [string, string][] => {
    if (!variable.startsWith(NPM_CONFIG) || value === undefined || value === '') return [];
    const typed = variable.slice(NPM_CONFIG.length);
    const meant = ALL_OPTIONS.find(
      (option) =>
        typingErrors(lettersOf(typed), lettersOf(option)) <= (option === HELP ? 0 : MAX_TYPING_ERRORS),
    );
    return meant === undefined ? [] : [[`--${typed.replaceAll('_', '-')}`, meant]];
  });
}

const lettersOf = (option: string): string => option.toLowerCase().replaceAll(/[^a-z]/g, '');

/** How many letters must be added, removed or replaced (Levenshtein distance). */
function typingErrors(typed: string, meant: string): number {
  let previous = Array.from({ length: meant.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...typed].entries()) {
    const current = [row + 1];
    for (const [column, expected] of [...meant].entries()) {
      const replaced = (previous[column] ?? 0) + (letter === expected ? 0 : 1);
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
