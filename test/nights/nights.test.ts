import { it } from 'vitest';
import { useDynamoDb } from '../support/dynamodb.ts';
import { assertNight } from './simulation.ts';

const newTable = useDynamoDb();

/** Others each time, as in the property tests. */
const FIRST_SEED = Number(process.env['NIGHTS_SEED'] ?? Date.now() % 2 ** 31);

it.each([0, 1, 2])('a clean run puts right whatever a night has left (seed + %i)', async (night) => {
  console.info(`NIGHTS_SEED=${FIRST_SEED + night}`);
  await assertNight(FIRST_SEED + night, newTable);
});
