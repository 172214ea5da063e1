import type { CommandUnknownOpts } from '@commander-js/extra-typings';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

interface Completed {
  name: string;
  description: string;
  options: { flag: string; description: string; choices: readonly string[] }[];
  /** Values of the first argument. */
  choices: readonly string[];
}

/** A script for one shell. It is generated from the commands, so that it cannot miss one. */
export function completionScript(shell: Shell, program: CommandUnknownOpts): string {
  const global = optionsOf(program);
  const commands = program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: [...optionsOf(command), ...global],
    choices: command.registeredArguments[0]?.argChoices ?? [],
  }));
  return SCRIPTS[shell](program.name(), commands);
}

const optionsOf = (command: CommandUnknownOpts): Completed['options'] =>
  command.options
    .filter(({ hidden }) => !hidden)
    .map(({ long, description, argChoices }) => ({
      flag: long ?? '',
      description,
      choices: argChoices ?? [],
    }));

const SCRIPTS: Record<Shell, (name: string, commands: readonly Completed[]) => string> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

const wordsOf = ({ options, choices }: Completed): string =>
  [...choices, ...options.map(({ flag }) => flag), '--help'].join(' ');

function bashScript(name: string, commands: readonly Completed[]): string {
  const functionName = `_${name.replaceAll('-', '_')}`;
  const values = commands.flatMap((command) =>
    command.options
      .filter(({ choices }) => choices.length > 0)
      .map(
        ({ flag, choices }) =>
          `    '${command.name} ${flag}') COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$word")); return ;;`,
      ),
  );
  return `${functionName}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command='' index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    if [[ "\${COMP_WORDS[index]}" != -* ]]; then command="\${COMP_WORDS[index]}"; break; fi
  done
  case "$command $previous" in
${values.join('\n')}
  esac
  case "$command" in
    '') COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')}' -- "$word")) ;;
${commands.map((command) => `    '${command.name}') COMPREPLY=($(compgen -W '${wordsOf(command)}' -- "$word")) ;;`).join('\n')}
  esac
}
complete -F ${functionName} ${name}
`;
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
/** zsh separates a word from its description by a colon. */
const described = (word: string, description: string): string =>
  quote(`${word.replaceAll(':', '\\:')}:${description}`);

function zshScript(name: string, commands: readonly Completed[]): string {
  const functionName = `_${name.replaceAll('-', '_')}`;
  const cases = commands.map((command) => {
    const words = [
      ...command.choices.map((choice) => described(choice, 'value')),
      ...command.options.map(({ flag, description }) => described(flag, description)),
    ];
    return `    ${command.name}) candidates=(${words.join(' ')}) ;;`;
  });
  const names = commands.map((command) => described(command.name, command.description));
  return `#compdef ${name}
${functionName}() {
  local -a candidates typed
  typed=("\${(@)words:#-*}")
  case "\${typed[2]}" in
${cases.join('\n')}
    *) candidates=(${names.join(' ')}) ;;
  esac
  _describe '${name}' candidates
}
compdef ${functionName} ${name}
`;
}

function fishScript(name: string, commands: readonly Completed[]): string {
  const lines = commands.flatMap((command) => {
    const seen = `-n '__fish_seen_subcommand_from ${command.name}'`;
    return [
      `complete -c ${name} -f -n __fish_use_subcommand -a ${command.name} -d ${fishQuote(command.description)}`,
      ...command.choices.map((choice) => `complete -c ${name} -f ${seen} -a ${choice}`),
      ...command.options.map(({ flag, description, choices }) =>
        [
          `complete -c ${name} -f ${seen} -l ${flag.slice(2)} -d ${fishQuote(description)}`,
          ...(choices.length > 0 ? [`-x -a ${fishQuote(choices.join(' '))}`] : []),
        ].join(' '),
      ),
    ];
  });
  return `${lines.join('\n')}\n`;
}

const fishQuote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
