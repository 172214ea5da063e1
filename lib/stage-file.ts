import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTING_NAMES } from './settings.ts';

const FOLDER = join(import.meta.dirname, '..', 'stages');

/**
 * The settings that `stages/<stage>.json` gives a stage; none where there is no such file.
 * @throws Error for a file that is no JSON object, or has a name that is no setting.
 */
export function readStageFile(stage: unknown, folder = FOLDER): Record<string, unknown> {
  if (typeof stage !== 'string' || !/^[a-z0-9-]+$/.test(stage)) return {};
  const file = join(folder, `${stage}.json`);
  if (!existsSync(file)) return {};
  const settings = parse(file);
  const known = SETTING_NAMES.filter((name) => name !== 'stage');
  const unknown = Object.keys(settings).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`${file} has names that are no settings: ${unknown.join(', ')}`);
  return settings;
}

function parse(file: string): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) return { ...content };
  } catch (cause) {
    throw new Error(`${file} is no JSON`, { cause });
  }
  throw new Error(`${file} is no JSON object`);
}
