import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Results } from '../results.ts';
import { chartsOf } from './charts.ts';
import { reportOf } from './report.ts';

export const RESULTS_FOLDER = join(import.meta.dirname, '..', 'results');
export const RESULTS_FILE = 'results.json';

/** Writes results as JSON, as a report in Markdown and as charts. */
export async function writeReport(folder: string, results: Results): Promise<void> {
  await mkdir(folder, { recursive: true });
  const files = {
    [RESULTS_FILE]: `${JSON.stringify(results, null, 2)}\n`,
    'report.md': reportOf(results),
    ...chartsOf(results),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}
