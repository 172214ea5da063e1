import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synchronizeBatch } from '../../../functions/handlers/synchronize-batch.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { type Ending, play, type Scene } from './interrupted-invocation.ts';
import { listedWithEveryOutcome } from './support.ts';

const newTable = useDynamoDb();
// The lock, the batch and its progress, the ITEM rows, the heads, and four webhooks. The unchanged item and that there
// is nothing to tell of it. Histories, revisions, files, three changed items, what is told of two, and two notes that it
// is. The results, what remains, and the listing for the log.
const REQUESTS = 23;

describe('an invocation that dies while it works on a batch', () => {
  const closing: (() => Promise<void>)[] = [];
  let scene: Scene;
  let undisturbed: Ending;

  beforeAll(async () => {
    const { bank, run } = await listedWithEveryOutcome(newTable, (close) => void closing.push(close));
    const step: Scene['step'] = (dependencies, event) =>
      synchronizeBatch(dependencies, { ...event, batch: 0, workers: 10 });
    scene = { newTable, bank, run, step };
    undisturbed = await play(scene);
  });
  afterAll(() => Promise.all(closing.map((close) => close())));

  it.each(Array.from({ length: REQUESTS }, (_, requests) => requests))(
    'with %i requests made is repeated, and leaves what it would have left',
    async (requests) => {
      expect(await play(scene, requests)).toEqual({ ...undisturbed, died: true });
    },
  );

  it('makes no more requests than these', async () => {
    expect(await play(scene, REQUESTS)).toEqual({ ...undisturbed, died: false });
  });
});
