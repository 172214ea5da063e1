import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { nightlyRuns } from '../../support/run.ts';
import { createItem, itemText, mirrored, outcomesOf, startEmptyBank } from './support.ts';

const newTable = useDynamoDb();
const SECRET = 'confidential';

/** From now on, reading a text with the secret fails, as if the text had become longer than JavaScript allows. */
function failToRead(): void {
  const { toWellFormed } = String.prototype;
  const spy = vi.spyOn(String.prototype, 'toWellFormed').mockImplementation(function (this: string) {
    if (this.includes(SECRET)) throw new RangeError(`Invalid string: ${this}`);
    return toWellFormed.call(this);
  });
  onTestFinished(() => spy.mockRestore());
}

describe('an item.json that uncovers a defect of its reader', () => {
  it('fails its item, and no other', async () => {
    const bank = await startEmptyBank();
    const item = await createItem(bank, 'item-1', itemText('1', { version: SECRET }));
    await createItem(bank, 'item-2', itemText('2'));
    failToRead();
    const run = await nightlyRuns({ newTable, bank })();
    expect(await outcomesOf(run)).toEqual({ 'item-1': 'ITEM_JSON_INVALID', 'item-2': 'created' });
    expect((await mirrored(run, item)).item.failure).toMatchObject({
      message: 'reading the file failed unexpectedly with RangeError',
    });
    expect(JSON.stringify(run.log.lines)).not.toContain(SECRET);
  });
});
