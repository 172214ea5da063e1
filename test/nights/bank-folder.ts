import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { itemText } from '../property/item-text.ts';

/** Before the night, and the same in every run of it: the times of files become times of commits. */
const WRITTEN = new Date('2026-11-02T08:00:00.000Z');
const STATUSES = ['Draft', 'ContentReview', undefined] as const;
const FIRST_ITEM = 200_000;

/**
 * Writes a folder that becomes a bank of so many items. Their files are small, because reading large ones takes most of
 * the time of a night: the property tests use the large ones.
 */
export async function writeBankFolder(
  items: number,
): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'item-sync-night-'));
  for (let index = 0; index < items; index += 1) {
    const id = String(FIRST_ITEM + index);
    const repository = join(folder, `item-${id}`);
    await mkdir(repository);
    const file = join(repository, 'item.json');
    const status = STATUSES[index % STATUSES.length];
    await writeFile(file, itemText(id, { status, edition: 1, names: index % 2 === 0 ? 'newer' : 'older' }));
    await utimes(file, WRITTEN, WRITTEN);
    await utimes(repository, WRITTEN, WRITTEN);
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
