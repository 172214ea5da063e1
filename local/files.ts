import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type * as z from 'zod';

const ONLY_OWNER = { folder: 0o700, file: 0o600 };

/**
 * Creates the folder and its parents, for its owner only. An existing folder is left as it is.
 *
 * Does not use `mkdir` with `recursive`, which never returns for a folder in /proc.
 *
 * @throws the error of the operating system.
 */
export function makePrivateFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = dirname(folder);
  if (parent !== folder && !existsSync(parent)) makePrivateFolder(parent);
  mkdirSync(folder, { mode: ONLY_OWNER.folder });
}

/** Removes other users' access to a folder that an earlier version created with access for everybody. */
export function closeToOthers(folder: string): void {
  if (existsSync(folder)) chmodSync(folder, ONLY_OWNER.folder);
}

/** Writes the whole file or nothing, readable only by its owner. */
export function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: ONLY_OWNER.file });
  renameSync(`${file}.new`, file);
}

/** A file of the state folder cannot be parsed. A kill is not the cause, because files are replaced as a whole. */
export class StateDamaged extends Error {
  override readonly name = 'StateDamaged';
}

/** @throws StateDamaged naming the file. */
export function readStateFile<Schema extends z.ZodType>(file: string, schema: Schema): z.output<Schema> {
  const text = readFileSync(file, 'utf8');
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new StateDamaged(`${file} is damaged.`, { cause });
  }
}
