import { ROUTES } from '../../functions/shared/contract/routes.ts';
import { FindItemsAnswer, ItemView, SyncItemAnswer } from './answers.ts';
import type { Api } from './client.ts';
import { ApiError } from './errors.ts';

/** Ways in which people name an item. A number can be an item id, an item bank id, or the name of a repository. */
export const ITEM_NAMES = ['item-id', 'repository', 'item-bank-id'] as const;
export type ItemName = (typeof ITEM_NAMES)[number];

const SEARCHES: Record<ItemName, (api: Api, name: string) => Promise<ItemView[]>> = {
  'item-id': (api, itemId) => searchMirror(api, { itemId }),
  repository: (api, repository) => searchMirror(api, { repository }),
  'item-bank-id': getItem,
};

/** Whether the API accepts a name in this sense. One that it rejects would end the whole search. */
const MAY_BE: Record<ItemName, (name: string) => boolean> = {
  'item-id': (name) => isNumber(name),
  repository: () => true,
  'item-bank-id': (name) => !name.startsWith('0') && isNumber(name) && Number.isSafeInteger(Number(name)),
};

/** The items of the mirror that have this name, in any of the given senses. */
export async function findItems(api: Api, name: string, by: readonly ItemName[]): Promise<ItemView[]> {
  const searches = by.filter((way) => MAY_BE[way](name));
  const found = await Promise.all(searches.map((way) => SEARCHES[way](api, name)));
  return [...new Map(found.flat().map((item) => [item.itemBankId, item])).values()];
}

export const isNumber = (name: string): boolean => /^\d{1,16}$/.test(name);

async function searchMirror(api: Api, query: Record<string, string>): Promise<ItemView[]> {
  const { items } = await api.request(ROUTES.findItems, { answer: FindItemsAnswer, query });
  return items;
}

async function getItem(api: Api, itemBankId: string): Promise<ItemView[]> {
  try {
    return [await api.request(ROUTES.getItem, { answer: ItemView, path: { itemBankId } })];
  } catch (error) {
    if (error instanceof ApiError && error.problem.code === 'ITEM_NOT_FOUND') return [];
    throw error;
  }
}

export const syncItemByBankId = (api: Api, itemBankId: string | number): Promise<SyncItemAnswer> =>
  api.request(ROUTES.syncItem, { answer: SyncItemAnswer, path: { itemBankId } });

export const syncItemByItemId = (api: Api, itemId: string): Promise<SyncItemAnswer> =>
  api.request(ROUTES.syncItemById, { answer: SyncItemAnswer, path: { itemId } });
