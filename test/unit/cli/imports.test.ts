import { expect, it } from 'vitest';
import { commandsIn } from '../../../cli/commands.ts';
import { importsOf, readSources, type Source } from '../../support/sources.ts';

const sources = new Map(
  (await readSources(['cli', 'functions', 'local'])).map((source): [string, Source] => [source.path, source]),
);

/** The packages that are loaded with a file, before it does anything. */
function packagesOf(file: string): string[] {
  const packages = new Set<string>();
  const files = [file];
  for (const path of files) {
    const source = sources.get(path);
    if (!source) continue;
    for (const { to, isTypeOnly, isCall } of importsOf(source)) {
      if (isTypeOnly || isCall) continue;
      if (!sources.has(to)) packages.add(to);
      else if (!files.includes(to)) files.push(to);
    }
  }
  return [...packages].filter((name) => !name.startsWith('node:')).sort();
}

const ENTRIES = ['cli/run.ts', 'local/running-stack.ts'];
const COMMANDS = [...sources.keys()].filter((path) => path.startsWith('cli/commands/'));

// The SDK of AWS, for example, takes longer to load than a question that only needs the API.
it.each([...ENTRIES, ...COMMANDS])(
  '%s is loaded with no more packages than a question to the API needs',
  (file) => {
    expect(['@commander-js/extra-typings', 'zod']).toEqual(expect.arrayContaining(packagesOf(file)));
  },
);

it.each([
  [['status', '3'], ['status']],
  [['--profile', 'prod', 'runs', '--limit', '1'], ['runs']],
  // The name of the item may be that of a command.
  [
    ['item', 'logs'],
    ['item', 'logs'],
  ],
])('%j loads only %j', (args, names) => {
  expect(commandsIn(args)).toEqual(names);
});

it.each([[[]], [['--help']], [['status', '--help']], [['completion', 'bash']], [['statsu']]])(
  '%j loads all commands, to list them',
  (args) => {
    expect(commandsIn(args)).toHaveLength(15);
  },
);
