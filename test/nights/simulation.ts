import * as fc from 'fast-check';
import type { NewTable } from '../support/dynamodb.ts';
import { type NightFigures, playNight } from './night.ts';
import { nights } from './plan.ts';

/** How long a failing night is shrunk. */
const SHRINK_MS = Number(process.env['NIGHTS_SHRINK_MINUTES'] ?? 5) * 60_000;

/**
 * Plays the night of this seed.
 * @throws Error with the smallest failing night that was found, and how to repeat it.
 */
export async function assertNight(seed: number, newTable: NewTable): Promise<NightFigures> {
  let figures: NightFigures | undefined;
  let playing: Promise<unknown> = Promise.resolve();
  const property = fc.asyncProperty(nights, async (plan) => {
    const played = playNight(plan, newTable);
    playing = played.catch(() => {});
    figures = await played;
  });
  const path = process.env['NIGHTS_PATH'];
  const details = await fc.check(property, {
    ...{ seed, numRuns: 1, interruptAfterTimeLimit: SHRINK_MS },
    ...(path !== undefined && { path }),
  });
  // When the time for simplifying is over, a night may still be going on.
  await playing;
  if (!details.failed && figures) return figures;
  const { errorInstance, counterexample, counterexamplePath, numShrinks } = details;
  const reason = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  throw new Error(
    [
      `The night of seed ${seed} failed: ${reason}`,
      `The smallest failing night, after ${numShrinks} simplifications:`,
      JSON.stringify(counterexample?.[0], undefined, 2),
      `To repeat it: NIGHTS_PATH=${counterexamplePath} npm run nights -- --seed ${seed}`,
    ].join('\n'),
    { cause: errorInstance },
  );
}
