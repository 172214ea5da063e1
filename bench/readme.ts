import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { readmeSection, withSection } from './report/readme-section.ts';
import { RESULTS_FILE, RESULTS_FOLDER } from './report/write-report.ts';
import type { Results } from './results.ts';

const ROOT = join(import.meta.dirname, '..');
const README = join(ROOT, 'README.md');
const FILE = join(RESULTS_FOLDER, RESULTS_FILE);

await rewriteReadme();

async function rewriteReadme(): Promise<void> {
  if (!existsSync(FILE)) return refuse(`There are no results in ${FILE}: npm run bench makes them.`);
  const results: Results = JSON.parse(await readFile(FILE, 'utf8'));
  const section = readmeSection(results, relative(ROOT, RESULTS_FOLDER));
  const text = withSection(await readFile(README, 'utf8'), section);
  if (text === undefined) {
    return refuse(`${README} has no place for the figures: <!-- bench:begin --> and <!-- bench:end -->.`);
  }
  await writeFile(README, text);
}

function refuse(why: string): void {
  console.error(why);
  process.exitCode = 1;
}
