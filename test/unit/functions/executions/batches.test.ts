import { expect, it } from 'vitest';
import { BATCH_SIZE, batchesFor, workersFor } from '../../../../functions/executions/listing.ts';

it.each([
  [1, 1, 1],
  [100, 1, 1],
  [101, 2, 2],
  [1_000, 10, 10],
  [1_001, 20, 10],
  [1_811, 20, 10],
  [100_000, 1_000, 10],
])('splits %i ids into %i batches for %i workers', (ids, batches, workers) => {
  expect(batchesFor(ids)).toBe(batches);
  expect(workersFor(batches)).toBe(workers);
  expect(Math.ceil(ids / batches)).toBeLessThanOrEqual(BATCH_SIZE);
});

it('uses one worker for a bank without ids, because 0 would mean no limit to the Map', () => {
  expect(workersFor(0)).toBe(1);
});
