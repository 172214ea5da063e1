import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTING_NAMES } from './settings.ts';

const FOLDER = join(import.meta.dirname, '..', 'stages');

/**
 * Reads the settings in `stages/<stage>.json`; a stage without such a file has none.
 *
 * @throws Error if the file is not a JSON object, or contains a name that is not a setting.
 */
export function readStageFile(stage: unknown, folder = FOLDER): Record<string, unknown> {
  if (typeof stage !== 'string' || !/^[a-z0-9-]+$/.test(stage)) return {};
  const file = join(folder, `${stage}.json`);
  if (!existsSync(file)) return {};
  const settings = parse(file);
  const known = SETTING_NAMES.filter((name) => name !== 'stage');
  const unknown = Object.keys(settings).filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(`${file} contains names that are not settings: ${unknown.join(', ')}`);
  return settings;
}

function parse(file: string): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) return { ...content };
  } catch (cause) {
    throw new Error(`${file} is not JSON`, { cause });
  }
  throw new Error(`${file} is not a JSON object`);
}
