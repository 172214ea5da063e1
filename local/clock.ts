import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { scaleTime, type TimeScale } from './cloud/time-scale.ts';
import type { Configuration } from './configuration.ts';

const Since = z.object({ since: z.number() });

/**
 * Has this process go by the clock that is configured, if it is not the real one. It goes on from where it was when it
 * was looked at last: nothing of what is kept may lie in the future.
 */
export async function setClock({
  timeScale: scale,
  stateFolder,
}: Pick<Configuration, 'timeScale' | 'stateFolder'>): Promise<TimeScale | undefined> {
  if (scale === 1) return undefined;
  const timeScale = { scale, since: await sinceOf(stateFolder) };
  scaleTime(timeScale);
  console.error(`Time goes ${scale} times as fast: an hour takes ${Math.round(3_600 / scale)} s.`);
  return timeScale;
}

async function sinceOf(stateFolder: string): Promise<number> {
  const file = join(stateFolder, 'clock.json');
  if (existsSync(file)) return Since.parse(JSON.parse(await readFile(file, 'utf8'))).since;
  const since = Date.now();
  await mkdir(stateFolder, { recursive: true });
  await writeFile(file, JSON.stringify({ since }));
  return since;
}
