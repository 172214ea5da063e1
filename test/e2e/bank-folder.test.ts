import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { said, useCommands } from '../support/commands.ts';

const { run, start } = useCommands();

describe('a bank that is filled from a folder', () => {
  it('has a state folder separate from that of the generated bank', async () => {
    const { folder, environment } = await createItemFolder();
    expect((await run(['sync'], { ITEM_BANK_SIZE: '12' })).stdout).toContain('Total item bank ids: 12,');
    const { code, stdout, stderr } = await run(['sync'], environment);
    expect(stderr).toContain(`Working on the simulated organization item-bank, filled from ${folder}.\n`);
    expect(stderr).toContain('These folders hold no item.json: no-item.\n');
    expect(stdout).toContain('[1] Item Synchronization Process complete.');
    expect(stdout).toContain('Total item bank ids: 2,');
    expect(code).toBe(0);
    expect((await run(['logs'], environment)).stdout).toContain('Total item bank ids: 2,');
    expect((await run(['logs'])).stdout).not.toContain('Total item bank ids: 2,');
  });

  it('follows the folder: sync updates edited items, creates new ones, and removes deleted ones', async () => {
    const { folder, environment } = await createItemFolder();
    expect((await run(['sync'], environment)).stdout).toContain(', created: 2, updated: 0,');
    await writeItem(folder, 'item-1', { note: 'edited' });
    await writeItem(folder, 'item-3');
    await rm(join(folder, 'item-2'), { recursive: true });
    const { stdout } = await run(['sync'], environment);
    expect(stdout).toContain(
      'requiring project webhook: 1, created: 1, updated: 1, unchanged: 0, removed: 1, deferred: 0, failed: 0',
    );
  });

  it('is read again before each run, while start is running', async () => {
    const { folder, environment } = await createItemFolder();
    await said(start(['start'], environment), 'Ctrl-C ends it');
    expect((await run(['sync'], environment)).stdout).toContain(', created: 2, updated: 0,');
    await writeItem(folder, 'item-1', { note: 'edited' });
    expect((await run(['sync'], environment)).stdout).toContain(', created: 0, updated: 1, unchanged: 1,');
  });

  it('is refused if it has a folder whose name GitHub would not accept', async () => {
    const { folder, environment } = await createItemFolder();
    await writeItem(folder, 'my item');
    const { code, stderr } = await run(['sync'], environment);
    expect(code).toBe(2);
    expect(stderr).toContain('my item');
    expect(stderr).not.toContain('    at ');
  });
});

/** Two items, and a folder without one. */
async function createItemFolder(): Promise<{ folder: string; environment: Record<string, string> }> {
  const folder = await mkdtemp(join(tmpdir(), 'item-sync-own-bank-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'no-item'));
  for (const name of ['item-1', 'item-2']) await writeItem(folder, name);
  return { folder, environment: { ITEM_BANK_FOLDER: folder } };
}

async function writeItem(folder: string, name: string, more: object = {}): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  const item = { id: name.replaceAll(/\D/g, ''), type: 'er', ...more };
  await writeFile(join(folder, name, 'item.json'), JSON.stringify(item));
}
