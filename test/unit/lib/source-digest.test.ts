import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { digestOf } from '../../../lib/source-digest.ts';

async function createSources(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'item-sync-sources-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'a'));
  await writeFile(join(folder, 'a', 'one.ts'), 'one');
  await writeFile(join(folder, 'two.ts'), 'two');
  return folder;
}

it('stays the same while the sources are the same', async () => {
  const folder = await createSources();
  expect(digestOf([folder])).toBe(digestOf([folder]));
  expect(digestOf([folder, join(folder, 'missing')])).toBe(digestOf([folder]));
});

it.each<[string, (folder: string) => Promise<void>]>([
  ['a file below a folder is edited', (folder) => writeFile(join(folder, 'a', 'one.ts'), 'changed')],
  ['a file is added', (folder) => writeFile(join(folder, 'three.ts'), '')],
  ['a file is removed', (folder) => rm(join(folder, 'two.ts'))],
  ['a file is renamed', (folder) => rename(join(folder, 'two.ts'), join(folder, 'three.ts'))],
  ['a file is moved', (folder) => rename(join(folder, 'two.ts'), join(folder, 'a', 'two.ts'))],
])('changes when %s', async (_, change) => {
  const folder = await createSources();
  const before = digestOf([folder]);
  await change(folder);
  expect(digestOf([folder])).not.toBe(before);
});

it('changes with what else is given', () => {
  expect(digestOf([], 'a', 'b')).not.toBe(digestOf([], 'ab'));
});
