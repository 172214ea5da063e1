import { Argument, Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { completionScript, SHELLS } from '../completion.ts';
import type { Context } from '../context.ts';

export const completionCommand = ({ output }: Context, program: CommandUnknownOpts) =>
  new Command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .addHelpText('after', '\nAdd this to ~/.bashrc: eval "$(npx item-sync completion bash)"')
    .action((shell) => output.raw(completionScript(shell, program)));
