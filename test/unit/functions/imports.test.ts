import { describe, expect, it } from 'vitest';
import { type Import, importsOf, readSources } from '../../support/sources.ts';

const imports = (await readSources(['functions', 'lib', 'local'])).flatMap(importsOf);

const CONTRACT = 'functions/contract.ts';
const VOCABULARY = 'functions/vocabulary.ts';
const ERRORS = 'functions/errors.ts';
const DYNAMODB = 'functions/dynamodb.ts';
const PACKING = 'functions/packing.ts';
const ZOD = 'functions/zod.ts';
const SCHEMA_VERSION = 'functions/schema-version.ts';
const OURS = /^(?:functions|lib|local|test)\//;

const from = (folder: string): Import[] => imports.filter((line) => line.from.startsWith(folder));
const shown = (lines: Import[]): string[] => lines.map((line) => `${line.from} imports ${line.to}`);

/** The imports of a folder that lead out of it to files of ours, other than those allowed. */
function strays(folder: string, allowed: readonly string[]): string[] {
  return shown(
    from(folder).filter(({ to }) => OURS.test(to) && !to.startsWith(folder) && !allowed.includes(to)),
  );
}

function packages(folder: string, pattern: RegExp): string[] {
  return shown(from(folder).filter(({ to }) => pattern.test(to)));
}

describe('imports point one way', () => {
  it('executions know only the base', () => {
    expect(
      strays('functions/executions/', [CONTRACT, VOCABULARY, ERRORS, DYNAMODB, PACKING, SCHEMA_VERSION]),
    ).toEqual([]);
    expect(packages('functions/executions/', /octokit/)).toEqual([]);
  });

  it('the item bank knows only the base, and no DynamoDB', () => {
    expect(strays('functions/item-bank/', [CONTRACT, VOCABULARY, ERRORS, PACKING, ZOD])).toEqual([]);
    expect(packages('functions/item-bank/', /dynamodb|@aws-sdk/)).toEqual([]);
  });

  it('items know only the base, and no GitHub', () => {
    expect(
      strays('functions/items/', [CONTRACT, VOCABULARY, ERRORS, DYNAMODB, PACKING, SCHEMA_VERSION, ZOD]),
    ).toEqual([]);
    expect(packages('functions/items/', /octokit/)).toEqual([]);
  });

  it('a synchronization joins items and item bank, and knows neither runs nor entry points', () => {
    const allowed = [CONTRACT, VOCABULARY, ERRORS, DYNAMODB, PACKING];
    const joined = /^functions\/(?:items|item-bank)\//;
    const strange = from('functions/synchronization/').filter(
      ({ to }) =>
        OURS.test(to) &&
        !to.startsWith('functions/synchronization/') &&
        !joined.test(to) &&
        !allowed.includes(to),
    );
    expect(shown(strange)).toEqual([]);
    const knowing = imports.filter(({ to }) => to.startsWith('functions/synchronization/'));
    const mayKnow = /^functions\/(?:api|workflow|synchronization)\//;
    expect(shown(knowing.filter((line) => !mayKnow.test(line.from)))).toEqual([]);
  });

  it('the base knows nothing but itself', () => {
    const base = [CONTRACT, VOCABULARY, ERRORS, DYNAMODB, PACKING, ZOD];
    const lines = imports.filter((line) => base.includes(line.from));
    expect(shown(lines.filter(({ to }) => OURS.test(to) && !base.includes(to)))).toEqual([]);
  });

  it('the contract and the vocabulary are shapes and names, and need no package', () => {
    const lines = imports.filter((line) => line.from === CONTRACT || line.from === VOCABULARY);
    expect(shown(lines.filter(({ to }) => to !== VOCABULARY))).toEqual([]);
  });

  it('what entry points share does not know the entry points', () => {
    const toEntryPoints = from('functions/runtime/').filter(({ to }) =>
      /^functions\/(api|workflow)\//.test(to),
    );
    expect(shown(toEntryPoints)).toEqual([]);
  });

  it('functions do not know where they run', () => {
    expect(shown(from('functions/').filter(({ to }) => /^(lib|local|test)\//.test(to)))).toEqual([]);
  });

  it('the stack knows of the functions the contract, the names of errors, and types of the vocabulary', () => {
    const ofFunctions = from('lib/').filter(({ to }) => to.startsWith('functions/'));
    const allowed = ({ to, isTypeOnly }: Import) =>
      to === CONTRACT || to === ERRORS || (to === VOCABULARY && isTypeOnly);
    expect(shown(ofFunctions.filter((line) => !allowed(line)))).toEqual([]);
    expect(shown(from('lib/').filter(({ to }) => /^(local|test)\//.test(to)))).toEqual([]);
  });

  it('the commands know the contract and the vocabulary only', () => {
    expect(strays('local/', [CONTRACT, VOCABULARY, 'lib/source-digest.ts'])).toEqual([]);
  });

  it('the embedded cloud knows nothing of the product', () => {
    expect(shown(from('local/cloud/').filter(({ to }) => /^(functions|lib)\//.test(to)))).toEqual([]);
  });
});

describe('the walk over the imports', () => {
  it('sees every way to import', () => {
    const text = [
      "import { a } from './a.ts';",
      "import type { B } from '../b.ts';",
      "import {\n  c,\n  type D,\n} from 'package/c';",
      "export { e } from './e.ts';",
      "import './f.ts';",
      "const g = await import('./g.ts');",
      "const text = 'from nowhere';",
    ].join('\n');
    expect(importsOf({ path: 'lib/x/y.ts', text }).map(({ to, isTypeOnly }) => [to, isTypeOnly])).toEqual([
      ['lib/x/a.ts', false],
      ['lib/b.ts', true],
      ['package/c', false],
      ['lib/x/e.ts', false],
      ['lib/x/f.ts', false],
      ['lib/x/g.ts', false],
    ]);
  });

  it('meets the imports that are known to be there', () => {
    expect(shown(imports)).toEqual(
      expect.arrayContaining([
        'functions/executions/register.ts imports functions/dynamodb.ts',
        'functions/item-bank/github.ts imports @octokit/rest',
        'lib/settings.ts imports functions/contract.ts',
        'local/main.mjs imports local/command.ts',
      ]),
    );
  });
});
