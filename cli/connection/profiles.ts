import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { UsageError } from '../usage-error.ts';
import { ConnectionSettings, describeFaults, SECRET_SETTINGS } from './settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** `~/.config/item-sync/profiles.json`, or below `XDG_CONFIG_HOME`: https://specifications.freedesktop.org/basedir-spec */
export const profilesFile = (env: Environment): string =>
  join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'item-sync', 'profiles.json');

const Profiles = z.record(z.string(), z.unknown());

/** @throws UsageError if there is no such profile, or if others can read its secrets. */
export function readProfile(file: string, name: string): ConnectionSettings {
  const { text, mode } = readWithMode(file, name);
  const profiles = Profiles.safeParse(parseJson(text, file));
  if (!profiles.success) throw new UsageError(`${file} must be a JSON object with a profile for each name.`);
  if (!Object.hasOwn(profiles.data, name)) {
    const names = Object.keys(profiles.data).join(', ');
    throw new UsageError(`${file} has no profile ${name}. Its profiles are: ${names || 'none'}.`);
  }
  if (isOpenToOthers(mode) && Object.values(profiles.data).some(hasSecret)) {
    const permissions = (mode & 0o777).toString(8);
    throw new UsageError(
      `${file} contains secrets, and its mode ${permissions} lets other users open it. Run: chmod 600 '${file}'`,
    );
  }
  const settings = ConnectionSettings.safeParse(profiles.data[name]);
  if (settings.success) return settings.data;
  throw new UsageError(
    `The profile ${name} in ${file} is not valid: ${describeFaults(settings.error, String)}.`,
  );
}

function readWithMode(file: string, name: string): { text: string; mode: number } {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new UsageError(
      code === 'ENOENT'
        ? `There is no profile ${name}, because there is no file ${file}.`
        : `${file} cannot be read (${code}).`,
    );
  }
  try {
    return { text: readFileSync(descriptor, 'utf8'), mode: fstatSync(descriptor).mode };
  } finally {
    closeSync(descriptor);
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The error of JSON.parse quotes the text, which may contain a secret.
    throw new UsageError(`${file} is not JSON.`);
  }
}

/** Windows has no such modes. */
const isOpenToOthers = (mode: number): boolean => process.platform !== 'win32' && (mode & 0o077) !== 0;

const hasSecret = (profile: unknown): boolean =>
  typeof profile === 'object' &&
  profile !== null &&
  SECRET_SETTINGS.some((setting) => Object.hasOwn(profile, setting));
