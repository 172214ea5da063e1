import * as fc from 'fast-check';
import { isFull } from '../support/extent.ts';

/** `npm test` tries the same few values every time; `npm run test:full` tries many, and others each time. */
const { runs, seed } = isFull() ? { runs: 60, seed: Date.now() % 2 ** 31 } : { runs: 3, seed: 20_261_123 };

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? runs);
const SEED = Number(process.env['PROPERTY_SEED'] ?? seed);
const PATH = process.env['PROPERTY_PATH'];

/** Only a test that hangs takes as long: a value takes a second or two, and the search for the shortest one minutes. */
export const PROPERTY_TIMEOUT_MS = 600_000 + RUNS * 10_000;

/** @throws Error with the shortest value found for which the property does not hold, and how to repeat it. */
export async function assertHolds<Value>(
  values: fc.Arbitrary<Value>,
  property: (value: Value) => Promise<void>,
): Promise<void> {
  console.info(`PROPERTY_SEED=${SEED} PROPERTY_RUNS=${RUNS}`);
  const details = await fc.check(fc.asyncProperty(values, property), {
    seed: SEED,
    numRuns: RUNS,
    ...(PATH !== undefined && { path: PATH }),
  });
  if (!details.failed) return;
  const again = `PROPERTY_SEED=${SEED} PROPERTY_PATH=${details.counterexamplePath} npx vitest run --project property`;
  // First, because a long difference of two mirrors may follow, and a log may be cut.
  throw new Error(`To repeat it: ${again}\n\n${await fc.asyncDefaultReportMessage(details)}`, {
    cause: details.errorInstance,
  });
}
