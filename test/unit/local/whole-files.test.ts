import { describe, expect, it } from 'vitest';
import { readSources } from '../../support/sources.ts';

/** Files that are read as a whole, and why none of them can become too large for one string. */
const READ_WHOLE: Readonly<Record<string, string>> = {
  'local/synthesis.ts': 'source files and cdk.json',
  'local/guide.ts': 'a command that a person can copy, which reads a token',
  'local/folder-lock.ts': 'the process that holds the lock',
  'local/files.ts': 'settings of a few values',
  'local/github/graphql/engine.ts': "GitHub's schema",
  'local/github/bank/blob-files.ts': 'one file of an item, up to what the API of GitHub returns',
  'local/github/bank/store.ts': 'the settings of the bank',
  'local/cloud/template.ts': 'the synthesized template',
  'local/cloud/execution-store.ts': 'one execution, whose input and output are limited',
  'local/cloud/dynamodb-engine.ts': 'the command line of a process',
  'bench/product/sync-command.ts': 'what Linux says about a process',
  'bench/product/assembly.ts': 'the synthesized template',
  'bench/docs.ts': 'the results of a benchmark',
  'bench/main.ts': 'the results of a benchmark',
};

describe('a file that grows without limit', () => {
  it('is never read as a whole, because a string and a Buffer have a maximum length', async () => {
    const sources = await readSources(['local', 'bench']);
    const reading = sources.filter(({ text }) => /\breadFile(Sync)?\(/.test(text)).map(({ path }) => path);
    expect(reading.toSorted()).toEqual(Object.keys(READ_WHOLE).toSorted());
  });
});
