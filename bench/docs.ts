import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { docsSection, withSection } from './report/docs-section.ts';
import { RESULTS_FILE, RESULTS_FOLDER } from './report/write-report.ts';
import type { Results } from './results.ts';

const DOCS = join(import.meta.dirname, '..', 'docs');
const PAGE = join(DOCS, 'benchmark.md');
const FILE = join(RESULTS_FOLDER, RESULTS_FILE);

await rewritePage();

async function rewritePage(): Promise<void> {
  if (!existsSync(FILE)) return refuse(`There are no results in ${FILE}: run npm run bench first.`);
  const results: Results = JSON.parse(await readFile(FILE, 'utf8'));
  const section = docsSection(results, relative(DOCS, RESULTS_FOLDER));
  const text = withSection(await readFile(PAGE, 'utf8'), section);
  if (text === undefined) {
    return refuse(`${PAGE} lacks the markers <!-- bench:begin --> and <!-- bench:end -->.`);
  }
  await writeFile(PAGE, text);
}

function refuse(why: string): void {
  console.error(why);
  process.exitCode = 1;
}
