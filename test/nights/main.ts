import { parseArgs } from 'node:util';
import { startTables } from '../support/dynamodb.ts';
import { addFigures, noFigures } from './figures.ts';
import { writePage } from './reliability-page.ts';
import { assertNight } from './simulation.ts';

const USAGE = `npm run nights [-- --nights 100] [-- --seed 1] [-- --minutes 60]

  --nights   how many nights to play; with 30 or more, the figures are written to docs/reliability.md
  --seed     the seed of the first night; the others have the seeds that follow
  --minutes  no night begins after so many minutes`;

/** The figures of fewer nights would say little. */
const NIGHTS_FOR_THE_PAGE = 30;

await main();

async function main(): Promise<void> {
  const options = readOptions();
  if (!options) {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  const { nights, seed, minutes } = options;
  const tables = await startTables();
  const figures = noFigures(seed);
  const started = performance.now();
  const secondsPassed = (): number => Math.round((performance.now() - started) / 1_000);
  try {
    for (let night = 0; night < nights && secondsPassed() < minutes * 60; night += 1) {
      try {
        addFigures(figures, await assertNight(seed + night, tables.newTable));
        console.log(`night ${seed + night}: passed after ${secondsPassed()} s`);
      } catch (error) {
        figures.failures.push({ seed: seed + night, message: firstLine(error) });
        console.error(error instanceof Error ? error.message : error);
        process.exitCode = 1;
      }
      await tables.deleteTables();
    }
  } finally {
    await tables.close();
  }
  figures.seconds = secondsPassed();
  if (nights >= NIGHTS_FOR_THE_PAGE) await writePage(figures);
  console.log(
    `${figures.nights} nights passed and ${figures.failures.length} failed in ${figures.seconds} s.`,
  );
}

function readOptions(): { nights: number; seed: number; minutes: number } | undefined {
  try {
    const option = (byDefault: string) => ({ type: 'string' as const, default: byDefault });
    const { values } = parseArgs({
      options: { nights: option('1'), seed: option('1'), minutes: option('600') },
    });
    const [nights = 0, seed = 0, minutes = 0] = [values.nights, values.seed, values.minutes].map(Number);
    const areWhole = [nights, seed, minutes].every((value) => Number.isSafeInteger(value) && value > 0);
    return areWhole ? { nights, seed, minutes } : undefined;
  } catch {
    return undefined;
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
