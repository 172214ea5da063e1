import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { claimFolder, describeHolder } from '../../../../local/folder-lock.ts';
import { temporaryFolder } from '../../../support/cloud/assembly.ts';

function claimed(folder: string, command = 'npm start'): () => void {
  const claim = claimFolder(folder, command);
  if (claim.kind === 'held') throw new Error('the folder is held');
  onTestFinished(claim.release);
  return claim.release;
}

/** Holds the folder until it is killed. */
async function holdInOtherProcess(folder: string): Promise<() => Promise<void>> {
  const program = `
    import { claimFolder } from ${JSON.stringify(import.meta.resolve('../../../../local/folder-lock.ts'))};
    const claim = claimFolder(process.argv[1], 'npm run sync');
    console.log(claim.kind);
    setInterval(() => claim, 1_000_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
}

describe('the lock of a state folder', () => {
  it('names its holder', async () => {
    const folder = await temporaryFolder();
    claimed(folder);
    const { pid } = process;
    const claim = claimFolder(folder, 'npm run reset');
    expect(claim).toMatchObject({ kind: 'held', holder: { command: 'npm start', pid } });
    expect(claim.kind === 'held' && describeHolder(claim.holder)).toMatch(
      new RegExp(`^npm start \\(process ${pid}, since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC\\)$`),
    );
  });

  it('can be taken again after it was released', async () => {
    const folder = await temporaryFolder();
    claimed(folder)();
    claimed(folder);
  });

  it('is held by another process until that is killed', async () => {
    const folder = await temporaryFolder();
    const kill = await holdInOtherProcess(folder);
    expect(claimFolder(folder, 'npm start')).toMatchObject({
      kind: 'held',
      holder: { command: 'npm run sync', pid: expect.any(Number) },
    });
    await kill();
    claimed(folder);
  });

  it('is not the lock of a file that its holder has deleted', async () => {
    const folder = await temporaryFolder();
    const release = claimed(folder);
    rmSync(join(folder, 'lock'));
    const next = claimed(folder);
    release();
    expect(claimFolder(folder, 'npm start').kind).toBe('held');
    next();
  });

  it('creates the folder for its owner only, with all parents', async () => {
    const folder = join(await temporaryFolder(), 'not', 'yet', 'there');
    claimed(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder).sort()).toEqual(['holder.json', 'lock']);
    for (const file of ['lock', 'holder.json']) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['below a file', (folder: string) => join(folder, 'file', 'state'), 'ENOTDIR'],
    ['in /proc, where nobody can create one', () => '/proc/nothing/state', 'ENOENT'],
    ['with a lock that is not one', (folder: string) => folder, 'ERR_SQLITE_ERROR'],
  ])('cannot be taken %s', async (_, place, code) => {
    const folder = await temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    writeFileSync(join(folder, 'lock'), 'x'.repeat(200));
    expect(() => claimFolder(place(folder), 'npm start')).toThrow(
      expect.objectContaining({ code: 'StateFolderUnusable', cause: expect.objectContaining({ code }) }),
    );
    expect(existsSync('/proc/nothing')).toBe(false);
  });
});
