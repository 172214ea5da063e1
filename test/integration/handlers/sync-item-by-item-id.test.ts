import { describe, expect, it } from 'vitest';
import { requestsTo, startBank } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { fileOf } from '../../support/item-json.ts';
import { newTables } from '../../support/run.ts';
import { commit, createEmpty } from '../github/support.ts';
import { leaveRemovalHalfDone, openItemsApi } from './support.ts';

const newTable = useDynamoDb();

/** A mirrored bank with items of these item ids. */
async function mirrorItems(...itemIds: string[]) {
  const bank = await startBank({ repositories: 0, withoutProjectWebhook: 0 });
  const api = openItemsApi(bank, await newTables(newTable));
  const repositories = [];
  for (const [index, id] of itemIds.entries()) {
    const repository = await createEmpty(bank, `item-${index}`);
    await commit(bank, repository, { content: fileOf({ id, type: 'er' }) });
    await api.sync(repository.itemBankId);
    repositories.push(repository);
  }
  return { bank, api, repositories, ids: repositories.map(({ itemBankId }) => itemBankId) };
}

describe('POST /sync/items/{itemId}', () => {
  it.each(['7', '007'])('synchronizes the item with the item id %s', async (itemId) => {
    const { bank, api, repositories, ids } = await mirrorItems('7', '70');
    const [repository] = repositories;
    if (repository) await commit(bank, repository, { content: fileOf({ id: '7', type: 'mc' }) });
    expect(await api.syncByItemId(itemId)).toMatchObject({
      status: 200,
      body: { itemBankId: ids[0], repository: 'item-0', outcome: 'updated' },
    });
  });

  it('answers 404 if the mirror has no such item', async () => {
    const { api } = await mirrorItems('70');
    expect(await api.syncByItemId('7')).toMatchObject({
      status: 404,
      body: { code: 'ITEM_NOT_FOUND', detail: 'the mirror has no item with the item id 7' },
    });
  });

  it('answers 409 with the item bank ids if several repositories have the item id', async () => {
    const { bank, api, ids } = await mirrorItems('7', '7');
    const before = requestsTo(bank.site);
    expect(await api.syncByItemId('7')).toMatchObject({
      status: 409,
      body: {
        code: 'ITEM_ID_AMBIGUOUS',
        detail: 'several repositories have the item id 7: synchronize one by its item bank id',
        itemBankIds: ids.toSorted((a, b) => a - b),
      },
    });
    expect(requestsTo(bank.site)).toBe(before);
  });

  it('does not count an item that is being removed', async () => {
    const { api, ids } = await mirrorItems('7', '7');
    const [first, second] = ids;
    if (first === undefined) throw new Error('there is no item');
    await leaveRemovalHalfDone(api, first);
    expect(await api.syncByItemId('7')).toMatchObject({ status: 200, body: { itemBankId: second } });
  });

  it.each(['', 'item-7', '7.0', '-7', '٧', '7'.repeat(501)])(
    'answers 400 to the item id %j',
    async (itemId) => {
      const { api } = await mirrorItems();
      expect(await api.syncByItemId(itemId)).toMatchObject({
        status: 400,
        body: { code: 'REQUEST_INVALID', detail: 'an item id has 1 to 500 digits' },
      });
    },
  );
});
