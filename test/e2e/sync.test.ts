import { expect, it } from 'vitest';
import { useCommands } from '../support/commands.ts';

const { run } = useCommands();

it('sync creates the 10 missing webhooks of the bank of 1,811 items, and a second sync changes nothing', async () => {
  const first = await run(['sync']);
  expect(first.stdout).toContain(
    'Item Synchronization Process complete.  Job execution id: 1, exit status code: COMPLETED, exit message: Total item bank ids: 1811, number of items requiring project webhook: 10, created: 1811, updated: 0, unchanged: 0, removed: 0, deferred: 0, failed: 0\n',
  );
  expect(first.code).toBe(0);
  const second = await run(['sync']);
  expect(second.stdout).toContain(
    'Job execution id: 2, exit status code: COMPLETED, exit message: Total item bank ids: 1811, number of items requiring project webhook: 0, created: 0, updated: 0, unchanged: 1811, removed: 0, deferred: 0, failed: 0\n',
  );
  expect(second.code).toBe(0);

  const logs = await run(['logs']);
  expect(logs.stdout).toMatch(
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {2}INFO begin-execution +\[1\] Job: \[name=itemSynchronizationJob\] launched/m,
  );
  expect(logs.stdout).not.toContain('DEBUG');
});

it('sync --dry-run reports missing webhooks, and does not create them', async () => {
  const environment = { ITEM_BANK_SIZE: '30' };
  for (const _ of ['first', 'second']) {
    const dry = await run(['sync', '--dry-run'], environment);
    expect(dry.stderr).toContain('a dry run, which writes nothing. To write, use npm run sync.');
    expect(dry.stdout).toContain('number of items requiring project webhook: 10');
    expect(dry.code).toBe(0);
  }
});
