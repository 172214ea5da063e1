import { expect, it } from 'vitest';
import { beginExecution } from '../../functions/handlers/begin-execution.ts';
import { ROUTES } from '../support/bank.ts';
import { MINUTE_MS } from '../support/clock.ts';
import { allRows, useDynamoDb } from '../support/dynamodb.ts';
import type { Run, Tables } from '../support/run.ts';
import { assertHolds, PROPERTY_TIMEOUT_MS } from './holds.ts';
import { type Installation, withInstallation } from './installation.ts';
import { type RepeatingRun, type Repetition, repeatingRuns } from './operations.ts';
import { memberAt } from './organization.ts';
import { perform } from './people.ts';
import { beginRunOf } from './synchronizations.ts';

const newTable = useDynamoDb();

it(
  'repeating a step of a run returns the same result and changes nothing, whatever happened to the bank in between',
  () =>
    assertHolds(repeatingRuns, ({ bank, runs }) =>
      withInstallation(newTable, bank, async (installation) => {
        for (const run of runs) await runRepeatedly(installation, run);
      }),
    ),
  PROPERTY_TIMEOUT_MS,
);

/** A completed step, and its result. */
interface Done {
  step: () => Promise<unknown>;
  answer: unknown;
}

async function runRepeatedly(
  installation: Installation,
  { repetitions, ...options }: RepeatingRun,
): Promise<void> {
  const run = await beginRunOf(installation, options);
  const done: Done[] = [];
  const left = [...repetitions];
  for (const step of stepsOf(run)) {
    done.push({ step, answer: await step() });
    await repeat(installation, done, left.shift());
  }
  // Completing a run releases its lock, so that no other step may begin after it.
  const completed = { step: run.complete, answer: await run.complete() };
  await repeat(installation, [completed], left.shift());
}

const stepsOf = (run: Run): Done['step'][] => [
  () => beginAgain(run),
  run.list,
  run.batches,
  run.createWebhooks,
  run.remove,
];

function beginAgain({ dependencies, event }: Run): ReturnType<typeof beginExecution> {
  const lock = { findEnding: async () => undefined, dryRunOnly: false, runDeadlineHours: 6 };
  return beginExecution({ ...dependencies, ...lock }, event);
}

async function repeat(
  { bank, organization, tables, clock }: Installation,
  done: readonly Done[],
  repetition: Repetition | undefined,
): Promise<void> {
  if (repetition?.change) await perform(organization, repetition.change);
  const before = await rowsOf(tables);
  clock.advance(MINUTE_MS);
  bank.requests(ROUTES.createHook);
  for (const place of repetition?.again ?? []) {
    const again = memberAt(done, place);
    expect(timeless(await again?.step())).toEqual(timeless(again?.answer));
    expect(await rowsOf(tables)).toEqual(before);
  }
  expect(bank.requests(ROUTES.createHook)).toBe(0);
}

async function rowsOf({ executionsTable, itemsTable }: Tables): Promise<unknown> {
  return timeless([await allRows(executionsTable), await allRows(itemsTable)]);
}

// Expiry and resume times depend on when a step was last done.
const TIMES = new Set(['expiresAt', 'resumeAt']);

function timeless(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (name, inner) => (TIMES.has(name) ? undefined : inner)) ?? 'null');
}
