import * as fc from 'fast-check';

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 200);
const SEED = Number(process.env['PROPERTY_SEED'] ?? Date.now() % 2 ** 31);
const PATH = process.env['PROPERTY_PATH'];

// Some ten times what a history takes, so that a slow machine is not taken for a fault.
const TIME_LIMIT_MS = RUNS * 5_000;
/** Of the whole test, with the search for the shortest history that shows a fault. */
export const PROPERTY_TIMEOUT_MS = TIME_LIMIT_MS + 60_000;

/** @throws Error that names the shortest history found of which the property does not hold, and how to repeat it. */
export async function assertHolds<Value>(
  values: fc.Arbitrary<Value>,
  property: (value: Value) => Promise<void>,
): Promise<void> {
  console.info(`PROPERTY_SEED=${SEED} PROPERTY_RUNS=${RUNS}`);
  const details = await fc.check(fc.asyncProperty(values, property), {
    seed: SEED,
    numRuns: RUNS,
    ...(PATH !== undefined && { path: PATH }),
    interruptAfterTimeLimit: TIME_LIMIT_MS,
    markInterruptAsFailure: true,
  });
  if (!details.failed) return;
  const again = `PROPERTY_SEED=${SEED} PROPERTY_PATH=${details.counterexamplePath} npx vitest run --project property`;
  throw new Error(`${await fc.asyncDefaultReportMessage(details)}\n\nTo repeat it: ${again}`, {
    cause: details.errorInstance,
  });
}
