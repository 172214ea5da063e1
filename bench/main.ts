import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createClosing } from './closing.ts';
import { measure } from './measure.ts';
import { judge } from './report/tables.ts';
import { RESULTS_FILE, RESULTS_FOLDER, writeReport } from './report/write-report.ts';
import { type Results, withParts } from './results.ts';
import { type Extent, onlyParts, PLANS, type Plan, partsOf } from './scenarios.ts';

const USAGE = 'npm run bench [-- --quick | --full | --only <part> …]';
/** Only a full benchmark, or a part of it, changes the published results. */
const OWN_FOLDER = join(import.meta.dirname, '..', '.local', 'bench');
const INTERRUPTED = 130;

interface Wanted {
  extent: Extent;
  plan: Plan;
  /** The plan is a part of a full benchmark. All other results stay those of the last one. */
  isPart: boolean;
}

const wanted = readArguments();
if (typeof wanted === 'string') {
  console.error(`${wanted} Usage: ${USAGE}`);
  process.exitCode = 2;
} else {
  await benchmark(wanted);
}

/** @returns what is wrong with the arguments. */
function readArguments(): Wanted | string {
  try {
    const { quick, full, only } = parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        full: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
      },
    }).values;
    if ([quick, full, only.length > 0].filter(Boolean).length > 1) return 'Only one option is possible.';
    const known = partsOf(PLANS.full);
    const unknown = only.find((part) => !known.includes(part));
    if (unknown !== undefined) return `${unknown} is not one of ${known.join(', ')}.`;
    if (only.length > 0) return { extent: 'full', plan: onlyParts(PLANS.full, only), isPart: true };
    const [extent = 'standard'] = [...(quick ? ['quick' as const] : []), ...(full ? ['full' as const] : [])];
    return { extent, plan: PLANS[extent], isPart: false };
  } catch (error) {
    return error instanceof Error ? `${error.message}.` : String(error);
  }
}

async function benchmark({ extent, plan, isPart }: Wanted): Promise<void> {
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
    const measured = await measure({ plan, extent, folder, closing });
    const results = isPart ? withParts(await lastResults(), measured) : measured;
    const written = extent === 'full' ? RESULTS_FOLDER : OWN_FOLDER;
    await writeReport(written, results);
    if (extent !== 'quick') printTargets(results);
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
