import { describe, expect, it } from 'vitest';
import { type Import, importsOf, readSources } from '../../support/sources.ts';

const imports = (await readSources(['functions', 'lib', 'local', 'cli'])).flatMap(importsOf);

/** The floors of `functions/`, from the top. A folder imports from floors below its own, and from itself. */
const FLOORS = [
  ['handlers'],
  ['removal', 'deliveries', 'openapi'],
  ['synchronization'],
  ['webhooks'],
  ['executions', 'mirror', 'github', 'auth'],
  ['shared'],
];
const CONTRACT = 'functions/shared/contract/';

const describeImports = (found: Import[]): string[] =>
  found.map(({ from, to }) => `${from} imports ${to}`).sort();
const importsFrom = (folder: string): Import[] => imports.filter(({ from }) => from.startsWith(folder));
const folderOf = (path: string): string | undefined => /^functions\/([^/]+)\//.exec(path)?.[1];
const floorOf = (folder: string): number => FLOORS.findIndex((floor) => floor.includes(folder));

describe('the imports of functions/', () => {
  it('lead from each folder to lower floors only', () => {
    const upwards = importsFrom('functions/').filter(({ from, to }) => {
      const [source = '', target] = [folderOf(from), folderOf(to)];
      return target !== undefined && target !== source && floorOf(target) <= floorOf(source);
    });
    expect(describeImports(upwards)).toEqual([]);
  });

  it('know every folder of functions/', () => {
    const folders = new Set(imports.flatMap(({ from }) => folderOf(from) ?? []));
    expect([...folders].sort()).toEqual(FLOORS.flat().sort());
  });

  it('stay in functions/', () => {
    const outside = importsFrom('functions/').filter(({ to }) => /^(lib|local|cli|test|bench)\//.test(to));
    expect(describeImports(outside)).toEqual([]);
  });

  it('do not lead from one handler to another', () => {
    const between = importsFrom('functions/handlers/').filter(({ to }) => folderOf(to) === 'handlers');
    expect(describeImports(between)).toEqual([]);
  });

  it.each([
    ['github', /dynamodb/],
    ['mirror', /octokit/],
    ['executions', /octokit/],
    ['shared', /octokit/],
  ])('keep %s free of packages that match %s', (folder, pattern) => {
    const strange = importsFrom(`functions/${folder}/`).filter(({ to }) => pattern.test(to));
    expect(describeImports(strange)).toEqual([]);
  });

  it('keep the contract free of anything but itself', () => {
    const others = importsFrom(CONTRACT).filter(({ to }) => !to.startsWith(CONTRACT));
    expect(describeImports(others)).toEqual([]);
  });
});

describe('the imports of lib/, cli/ and local/', () => {
  it.each(['lib/', 'cli/', 'local/'])('lead from %s to the contract of functions/ only', (folder) => {
    const others = importsFrom(folder).filter(
      ({ to }) => to.startsWith('functions/') && !to.startsWith(CONTRACT),
    );
    expect(describeImports(others)).toEqual([]);
  });

  it('keep lib/ and local/ apart, but for the digest of sources that both caches use', () => {
    const between = [
      ...importsFrom('lib/').filter(({ to }) => /^(local|cli|test)\//.test(to)),
      ...importsFrom('local/').filter(({ to }) => /^(lib|test)\/(?!source-digest\.ts$)/.test(to)),
    ];
    expect(describeImports(between)).toEqual([]);
  });

  it('lead from local/ to cli/ but not back, except in the entry point, which finds the stack on this machine', () => {
    const back = importsFrom('cli/').filter(({ to }) => /^(lib|local|test|bench)\//.test(to));
    expect(describeImports(back)).toEqual(['cli/main.mjs imports local/running-stack.ts']);
  });

  it('lead from cli/terminal/ to nothing else in the project', () => {
    const others = importsFrom('cli/terminal/').filter(({ to }) => !/^(cli\/terminal\/|node:)/.test(to));
    expect(describeImports(others)).toEqual([]);
  });

  it('keep the embedded cloud ignorant of the product', () => {
    const product = importsFrom('local/cloud/').filter(({ to }) =>
      /^(functions|lib|cli\/(?!terminal\/))/.test(to),
    );
    expect(describeImports(product)).toEqual([]);
  });
});

/** Files that import each other, directly or over others: each cycle once, from its first file in order. */
function cyclesAmong(edges: readonly Import[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of edges) targets.set(from, [...(targets.get(from) ?? []), to]);
  const cycles = new Set<string>();
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) {
      const cycle = path.slice(start);
      const first = cycle.indexOf([...cycle].sort()[0] ?? file);
      cycles.add([...cycle.slice(first), ...cycle.slice(0, first)].join(' → '));
    } else if (!finished.has(file)) {
      for (const target of targets.get(file) ?? []) visit(target, [...path, file]);
      finished.add(file);
    }
  };
  for (const file of targets.keys()) visit(file, []);
  return [...cycles].sort();
}

describe('import cycles', () => {
  it('do not exist, not even among types', () => {
    expect(cyclesAmong(imports)).toEqual([]);
  });

  it('are found', () => {
    const edge = (from: string, to: string): Import => ({ from, to, isTypeOnly: false, isCall: false });
    expect(cyclesAmong([edge('b', 'c'), edge('c', 'a'), edge('a', 'b'), edge('d', 'a')])).toEqual([
      'a → b → c',
    ]);
    expect(cyclesAmong([edge('a', 'a')])).toEqual(['a']);
    expect(cyclesAmong([edge('a', 'b'), edge('a', 'c'), edge('b', 'c')])).toEqual([]);
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

  it('finds imports that are known to exist', () => {
    expect(describeImports(imports)).toEqual(
      expect.arrayContaining([
        'functions/executions/register.ts imports functions/shared/dynamodb.ts',
        'functions/github/github.ts imports @octokit/rest',
        'lib/settings.ts imports functions/shared/contract/environment.ts',
        'local/main.mjs imports local/command.ts',
      ]),
    );
  });
});
