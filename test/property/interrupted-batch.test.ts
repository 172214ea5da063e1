import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synchronizeBatch } from '../../functions/handlers/synchronize-batch.ts';
import {
  runOnCopies,
  type StepEffects,
  type StepSetup,
} from '../integration/synchronization/interrupted-invocation.ts';
import { listedWithEveryOutcome } from '../integration/synchronization/support.ts';
import { useDynamoDb } from '../support/dynamodb.ts';
import { range, spread } from '../support/extent.ts';

const newTable = useDynamoDb();
// Reads: the lock, the batch and its progress, the listing, the ITEM rows, the heads, and four webhooks. The unchanged
// item: a publication without events. The changed items: histories, revisions, files, three writes, one publication of two
// events, two writes that mark them as published, one search for the item id of the created item, and the heads again.
// Finally: the results and the progress.
const REQUESTS = 24;

describe('the synchronization of a batch', () => {
  const closers: (() => Promise<void>)[] = [];
  let setup: StepSetup;
  let uninterrupted: StepEffects;

  beforeAll(async () => {
    const { bank, run } = await listedWithEveryOutcome(newTable, (close) => void closers.push(close));
    const step: StepSetup['step'] = (dependencies, event) =>
      synchronizeBatch(dependencies, { ...event, batch: 0, workers: 10 });
    setup = { newTable, bank, run, step };
    uninterrupted = await runOnCopies(setup);
  });
  afterAll(() => Promise.all(closers.map((close) => close())));

  it.each(spread(range(REQUESTS), 4))(
    'leaves the same state after a retry if it is interrupted after %i requests',
    async (requests) => {
      expect(await runOnCopies(setup, requests)).toEqual({ ...uninterrupted, interrupted: true });
    },
  );

  it(`makes at most ${REQUESTS} requests`, async () => {
    expect(await runOnCopies(setup, REQUESTS)).toEqual({ ...uninterrupted, interrupted: false });
  });
});
