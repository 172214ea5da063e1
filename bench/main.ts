import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClosing } from './closing.ts';
import { measure, measureHistoriesOnly } from './measure.ts';
import { judge } from './report/tables.ts';
import { RESULTS_FILE, RESULTS_FOLDER, writeReport } from './report/write-report.ts';
import type { Results } from './results.ts';
import { FULL, QUICK } from './scenarios.ts';

const USAGE = 'npm run bench [-- --quick | --histories]';
/** A quick run must not overwrite the results of a full one. */
const QUICK_FOLDER = join(import.meta.dirname, '..', '.local', 'bench');
const INTERRUPTED = 130;

/** Each measures a part, and says where the results go. */
const EXTENTS = {
  '': { plan: FULL, isQuick: false, isPart: false },
  '--quick': { plan: QUICK, isQuick: true, isPart: false },
  // The memory of a worker takes five minutes. All other results stay those of the last full benchmark.
  '--histories': { plan: FULL, isQuick: false, isPart: true },
};

const extent = new Map(Object.entries(EXTENTS)).get(process.argv.slice(2).join(' '));
if (extent === undefined) {
  console.error(`${process.argv.slice(2).join(' ')} is not an option. Usage: ${USAGE}`);
  process.exitCode = 2;
} else {
  await benchmark(extent);
}

async function benchmark({ plan, isQuick, isPart }: (typeof EXTENTS)['']): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'item-sync-bench-'));
  const closing = createClosing();
  closing.add(() => rm(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, async () => {
      await closing.all();
      process.exit(INTERRUPTED);
    });
  }
  try {
    const benchmark = { plan, isQuick, folder, closing };
    const results = isPart
      ? await measureHistoriesOnly(benchmark, await lastResults())
      : await measure(benchmark);
    const written = isQuick ? QUICK_FOLDER : RESULTS_FOLDER;
    await writeReport(written, results);
    if (!isQuick) printTargets(results);
    console.log(`\nThe report is ${join(written, 'report.md')}.`);
  } finally {
    await closing.all();
  }
}

async function lastResults(): Promise<Results> {
  return JSON.parse(await readFile(join(RESULTS_FOLDER, RESULTS_FILE), 'utf8'));
}

function printTargets(results: Results): void {
  for (const { title, value, verdict } of judge(results)) {
    console.log(`${verdict.padEnd(13)}  ${title}: ${value}`);
  }
}
