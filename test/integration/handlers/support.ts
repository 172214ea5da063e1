import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { expect } from 'vitest';
import { findItems } from '../../../functions/handlers/find-items.ts';
import { getItem } from '../../../functions/handlers/get-item.ts';
import { type SyncItemDependencies, syncItem } from '../../../functions/handlers/sync-item.ts';
import { readMirror } from '../../../functions/mirror/read-mirror.ts';
import { removeItem } from '../../../functions/mirror/remove-item.ts';
import type { ChangeEvent } from '../../../functions/shared/contract/events.ts';
import type { ItemBankId } from '../../../functions/shared/contract/ids.ts';
import type { Table } from '../../../functions/shared/dynamodb.ts';
import { problemOf } from '../../../functions/shared/http.ts';
import {
  type Bank,
  hooksPath,
  ORGANIZATION,
  PROJECT_WEBHOOK_URL,
  startBank,
  WEBHOOK_SECRET,
} from '../../support/bank.ts';
import { type Clock, createClock } from '../../support/clock.ts';
import type { TableSchema } from '../../support/dynamodb.ts';
import { fileOf, MINIMAL_ITEM } from '../../support/item-json.ts';
import { createLog, type RecordedLog } from '../../support/log.ts';
import { newTables, type Tables } from '../../support/run.ts';
import { commit, createEmpty } from '../github/support.ts';

/** Calls the item routes as API Gateway does, against a simulated bank and its mirror. */
export interface ItemsApi extends Tables {
  clock: Clock;
  log: RecordedLog;
  /** The change events published so far. */
  events: ChangeEvent[];
  sync: (id: ItemBankId | string) => Promise<Answer>;
  syncByItemId: (itemId: string) => Promise<Answer>;
  get: (id: ItemBankId | string) => Promise<Answer>;
  find: (query?: Record<string, string>) => Promise<Answer>;
}

export interface Answer {
  status: number | undefined;
  headers: APIGatewayProxyStructuredResultV2['headers'];
  body: Record<string, unknown>;
  /** The body before it was parsed. */
  text: string;
}

export function openItemsApi(
  bank: Bank,
  { itemsTable, executionsTable }: Tables,
  overrides: Partial<SyncItemDependencies> = {},
): ItemsApi {
  const clock = createClock();
  bank.follow(clock);
  const log = createLog();
  const events: ChangeEvent[] = [];
  const dependencies: SyncItemDependencies = {
    log,
    now: clock.now,
    remainingTimeMs: () => 28_000,
    itemsTable,
    organization: ORGANIZATION,
    projectWebhookUrl: PROJECT_WEBHOOK_URL,
    webhookScope: 'repository',
    ignored: new Set(),
    dryRunOnly: false,
    publish: async (published) => void events.push(...published),
    connect: async () => ({ github: bank.github, webhookSecret: WEBHOOK_SECRET }),
    ...overrides,
  };
  const pathOf = (id: ItemBankId | string) => ({ pathParameters: { itemBankId: String(id) } });
  return {
    itemsTable,
    executionsTable,
    clock,
    log,
    events,
    sync: (id) => answerOf(syncItem(dependencies, pathOf(id))),
    syncByItemId: (itemId) => answerOf(syncItem(dependencies, { pathParameters: { itemId } })),
    get: (id) => answerOf(getItem({ ...dependencies, executionsTable }, pathOf(id))),
    find: (query) =>
      answerOf(
        findItems(
          { ...dependencies, executionsTable },
          query === undefined ? {} : { queryStringParameters: query },
        ),
      ),
  };
}

/** Awaits the answer of a route, or the problem that its error becomes. */
export async function answerOf(result: Promise<APIGatewayProxyStructuredResultV2>): Promise<Answer> {
  const {
    statusCode: status,
    headers,
    body: text = '',
  } = await result.catch((error: unknown) => problemOf(error, 'request-1'));
  return { status, headers, body: JSON.parse(text), text };
}

/** Interrupts a removal before its event is published: the ITEM row, now a tombstone, is the only row left. */
export async function leaveRemovalHalfDone({ itemsTable, clock }: ItemsApi, id: ItemBankId): Promise<void> {
  const row = (await readMirror(itemsTable, [id])).get(id);
  if (!row) throw new Error('the item is not in the mirror');
  const publish = () => Promise.reject(new Error('the bus cannot be reached'));
  const removal = removeItem(itemsTable, row, { reason: 'DELETED', now: clock.now(), cause: 'run', publish });
  await expect(removal).rejects.toThrow('the bus cannot be reached');
}

/** The requests that synchronizing an item sends to GitHub, in this order. */
export const STAGES = {
  'the repository': { method: 'GET', pathPrefix: '/repositories/' },
  'its head': { method: 'POST', pathPrefix: '/graphql', bodyIncludes: 'nodes(ids: $ids)' },
  'its webhooks': { method: 'GET', pathPrefix: hooksPath('item-1') },
  'the history of its item': { method: 'POST', pathPrefix: '/graphql', bodyIncludes: 'history(' },
  'item.json': { method: 'POST', pathPrefix: '/graphql', bodyIncludes: 'on Blob { text }' },
};

/** Starts a bank with one item, and an empty mirror. */
export async function startBankOfOne(
  newTable: (schema?: TableSchema) => Promise<Table>,
  options: Parameters<typeof startBank>[0] = {},
) {
  const bank = await startBank({ repositories: 0, withoutProjectWebhook: 0, ...options });
  const repository = await createEmpty(bank, 'item-1');
  await commit(bank, repository, { content: fileOf(MINIMAL_ITEM) });
  const api = openItemsApi(bank, await newTables(newTable));
  return { bank, repository, api, id: repository.itemBankId };
}
