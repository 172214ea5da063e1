import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClosing } from './closing.ts';
import { measure } from './measure.ts';
import { judge } from './report/tables.ts';
import { RESULTS_FOLDER, writeReport } from './report/write-report.ts';
import type { Results } from './results.ts';
import { FULL, QUICK } from './scenarios.ts';

const USAGE = 'npm run bench [-- --quick]';
/** A quick run must not overwrite the results of a full one. */
const QUICK_FOLDER = join(import.meta.dirname, '..', '.local', 'bench');
const INTERRUPTED = 130;

const args = process.argv.slice(2);
if (args.some((arg) => arg !== '--quick')) {
  console.error(`${args.join(' ')} is not an option. Usage: ${USAGE}`);
  process.exitCode = 2;
} else {
  await benchmark(args.length > 0);
}

async function benchmark(isQuick: boolean): Promise<void> {
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
    const results = await measure({ plan: isQuick ? QUICK : FULL, isQuick, folder, closing });
    const written = isQuick ? QUICK_FOLDER : RESULTS_FOLDER;
    await writeReport(written, results);
    if (!isQuick) printTargets(results);
    console.log(`\nThe report is ${join(written, 'report.md')}.`);
  } finally {
    await closing.all();
  }
}

function printTargets(results: Results): void {
  for (const { title, value, verdict } of judge(results)) {
    console.log(`${verdict.padEnd(13)}  ${title}: ${value}`);
  }
}
