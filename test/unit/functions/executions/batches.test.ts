import { expect, it } from 'vitest';
import { BATCH_SIZE, batchesFor, MAX_WORKERS, workersFor } from '../../../../functions/executions/listing.ts';

it.each([
  [1, 1, 1, MAX_WORKERS.unlimited],
  [100, 1, 1, MAX_WORKERS.unlimited],
  [101, 2, 2, MAX_WORKERS.unlimited],
  [1_000, 10, 10, MAX_WORKERS.unlimited],
  [1_001, 20, 10, MAX_WORKERS.unlimited],
  [100_000, 1_000, 10, MAX_WORKERS.unlimited],
  [300, 3, 3, MAX_WORKERS.limited],
  [401, 6, 3, MAX_WORKERS.limited],
  [1_811, 21, 3, MAX_WORKERS.limited],
  [30_000, 300, 3, MAX_WORKERS.limited],
])('splits %i ids into %i batches for %i workers of at most %i', (ids, batches, workers, maxWorkers) => {
  expect(batchesFor(ids, maxWorkers)).toBe(batches);
  expect(workersFor(batches, maxWorkers)).toBe(workers);
  expect(Math.ceil(ids / batches)).toBeLessThanOrEqual(BATCH_SIZE);
});

it('uses one worker for a bank without ids, because 0 would mean no limit to the Map', () => {
  expect(workersFor(0, MAX_WORKERS.limited)).toBe(1);
});
