import { describe, expect, it, vi } from 'vitest';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { nightlyRuns } from '../../support/run.ts';
import { createItem, itemText, mirrored, outcomesOf, startEmptyBank } from './support.ts';

const SECRET = 'confidential';

vi.mock('../../../functions/mirror/item-json.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../../functions/mirror/item-json.ts')>();
  const readItemJson: typeof original.readItemJson = (content) => {
    const text = new TextDecoder().decode(content);
    if (text.includes(SECRET)) throw new RangeError(text);
    return original.readItemJson(content);
  };
  return { ...original, readItemJson };
});

const newTable = useDynamoDb();

describe('an item.json that uncovers a defect of its reader', () => {
  it('fails its item, and no other', async () => {
    const bank = await startEmptyBank();
    const item = await createItem(bank, 'item-1', itemText('1', { version: SECRET }));
    await createItem(bank, 'item-2', itemText('2'));
    const run = await nightlyRuns({ newTable, bank })();
    expect(await outcomesOf(run)).toEqual({ 'item-1': 'ITEM_JSON_INVALID', 'item-2': 'created' });
    expect((await mirrored(run, item)).item.failure).toMatchObject({
      message: 'reading the file failed unexpectedly with RangeError',
    });
    expect(JSON.stringify(run.log.lines)).not.toContain(SECRET);
  });
});
