import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { scaleTime, type TimeScale } from './cloud/time-scale.ts';
import type { Configuration } from './configuration.ts';
import { makePrivateFolder, readStateFile, replaceFile } from './files.ts';

const Since = z.object({ since: z.number() });

/**
 * Makes this process run by the configured clock, unless that is the real one. The clock continues where it was at the
 * last start, so that nothing in the state folder lies in the future.
 */
export function setClock(
  { timeScale: scale, stateFolder }: Pick<Configuration, 'timeScale' | 'stateFolder'>,
  report: (line: string) => void,
): TimeScale | undefined {
  if (scale === 1) return undefined;
  const timeScale = { scale, since: readSince(stateFolder) };
  scaleTime(timeScale);
  report(`Time runs ${scale} times as fast: an hour takes ${Math.round(3_600 / scale)} s.`);
  return timeScale;
}

function readSince(stateFolder: string): number {
  const file = join(stateFolder, 'clock.json');
  if (existsSync(file)) return readStateFile(file, Since).since;
  const since = Date.now();
  makePrivateFolder(stateFolder);
  replaceFile(file, JSON.stringify({ since }));
  return since;
}
