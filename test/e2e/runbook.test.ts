import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../cli/exit.ts';
import { type CliProcess, cliOf } from '../support/cli-process.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';
import { authorsOf } from './support.ts';

const PAGES = ['docs/runbook.md', 'docs/cli.md'];

/** What the pages have in place of an id. */
const ITEM_ID = '205030';

/** Every command of the pages, once: whole lines of blocks, and commands within a sentence or a table. */
async function commandsOf(pages: readonly string[]): Promise<string[]> {
  const texts = await Promise.all(pages.map((page) => readFile(page, 'utf8')));
  const found = texts.flatMap((text) => [
    ...text.matchAll(/^(?:\$ |npx )item-sync (.+)$/gm),
    ...text.matchAll(/`(?:npx )?item-sync ([^`…\n]+)`/g),
  ]);
  return [...new Set(found.map(([, command = '']) => command.replace(/ *[|#>].*$/, '')))].sort();
}

/** Exit codes of commands that may not end with 0 here: an item of the bank is broken, and usually no run is working. */
const EXITS: readonly [RegExp, readonly number[]][] = [
  // The run that the command before has started may still be working.
  [/--wait/, [EXIT.completed, EXIT.completedWithFailures, EXIT.alreadyRunning]],
  [/^(stop|abandon|restart)/, [EXIT.completed, EXIT.failed, EXIT.alreadyRunning]],
  [/^start/, [EXIT.completed, EXIT.alreadyRunning]],
  [/--sync/, [EXIT.failed]],
  // It also says that the last run had failures.
  [/^doctor/, [EXIT.failed]],
];
const exitsOf = (command: string): readonly number[] =>
  EXITS.find(([pattern]) => pattern.test(command))?.[1] ?? [EXIT.completed];

describe('the commands of the runbook and of the page about item-sync', async () => {
  // They follow the log until Ctrl-C, concern a shell, or name an address: test/e2e/cli.test.ts has them.
  const commands = (await commandsOf(PAGES)).filter(
    (command) => !/--follow|completion|smoke|--token-stdin|--stage/.test(command),
  );
  let embedded: Embedded;
  let cli: CliProcess;
  let brokenItem = '';

  beforeAll(async () => {
    embedded = await startEmbedded();
    cli = cliOf(embedded);
    await embedded.run();
    const authors = authorsOf(embedded);
    const [broken] = await authors.repositories();
    if (!broken) throw new Error('the bank has 12 repositories');
    const { body } = await embedded.get(`/items?repository=${broken.name}`);
    brokenItem = (body['items'] as { item: { itemId: string } }[])[0]?.item.itemId ?? '';
    await authors.changeItem(broken.name, { id: 'not a number' });
    // Run 3 is one that some examples are about.
    await embedded.run();
    await embedded.run();
  });
  afterAll(() => embedded?.close());

  it('are many', () => {
    expect(commands.length).toBeGreaterThan(15);
  });

  it.each(commands)('item-sync %s works', async (command) => {
    const args = command
      .replace(/\[id\]|\b[4-9]\b/, '3')
      .replaceAll(new RegExp(`\\b(${ITEM_ID}|185217)\\b`, 'g'), brokenItem)
      .split(' ');
    const { code, stderr } = await cli.run(args);
    expect([command, stderr, exitsOf(command)]).toEqual([command, stderr, expect.arrayContaining([code])]);
  });
});
