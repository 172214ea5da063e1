import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { scaleTime, type TimeScale } from './cloud/time-scale.ts';
import type { Configuration } from './configuration.ts';

const Since = z.object({ since: z.number() });

/**
 * Makes this process run by the configured clock, unless that is the real one. The clock continues where it was at the
 * last start, so that nothing in the state folder lies in the future.
 */
export async function setClock(
  { timeScale: scale, stateFolder }: Pick<Configuration, 'timeScale' | 'stateFolder'>,
  report: (line: string) => void,
): Promise<TimeScale | undefined> {
  if (scale === 1) return undefined;
  const timeScale = { scale, since: await readSince(stateFolder) };
  scaleTime(timeScale);
  report(`Time runs ${scale} times as fast: an hour takes ${Math.round(3_600 / scale)} s.`);
  return timeScale;
}

async function readSince(stateFolder: string): Promise<number> {
  const file = join(stateFolder, 'clock.json');
  if (existsSync(file)) return Since.parse(JSON.parse(await readFile(file, 'utf8'))).since;
  const since = Date.now();
  await mkdir(stateFolder, { recursive: true });
  await writeFile(file, JSON.stringify({ since }));
  return since;
}
