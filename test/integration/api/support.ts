import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { expect } from 'vitest';
import { findItems } from '../../../functions/api/steps/find-items.ts';
import { getItem } from '../../../functions/api/steps/get-item.ts';
import { type SyncItemDependencies, syncItem } from '../../../functions/api/steps/sync-item.ts';
import type { ChangeEvent } from '../../../functions/contract.ts';
import type { Table } from '../../../functions/dynamodb.ts';
import { readMirror } from '../../../functions/items/read-mirror.ts';
import { removeItem } from '../../../functions/items/remove-item.ts';
import { problemOf } from '../../../functions/runtime/http.ts';
import type { ItemBankId } from '../../../functions/vocabulary.ts';
import { type Bank, ORGANIZATION, PROJECT_WEBHOOK_URL, WEBHOOK_SECRET } from '../../support/bank.ts';
import { type Clock, createClock } from '../../support/clock.ts';
import { createLog, type RecordedLog } from '../../support/log.ts';

/** The routes of items over a bank and its mirror, as the gateway calls them. */
export interface ItemsApi {
  items: Table;
  clock: Clock;
  log: RecordedLog;
  /** What was told of changes. */
  events: ChangeEvent[];
  sync: (id: ItemBankId | string) => Promise<Answer>;
  get: (id: ItemBankId | string) => Promise<Answer>;
  find: (query?: Record<string, string>) => Promise<Answer>;
}

export interface Answer {
  status: number | undefined;
  headers: APIGatewayProxyStructuredResultV2['headers'];
  body: Record<string, unknown>;
  /** The body as it was sent. */
  text: string;
}

export function openItemsApi(
  bank: Bank,
  items: Table,
  overrides: Partial<SyncItemDependencies> = {},
): ItemsApi {
  const clock = createClock();
  const log = createLog();
  const events: ChangeEvent[] = [];
  const dependencies: SyncItemDependencies = {
    log,
    now: clock.now,
    remainingTimeMs: () => 28_000,
    items,
    organization: ORGANIZATION,
    projectWebhookUrl: PROJECT_WEBHOOK_URL,
    ignored: new Set(),
    dryRunOnly: false,
    publish: async (published) => void events.push(...published),
    connect: async () => ({ github: bank.github, webhookSecret: WEBHOOK_SECRET }),
    ...overrides,
  };
  const pathOf = (id: ItemBankId | string) => ({ pathParameters: { itemBankId: String(id) } });
  return {
    items,
    clock,
    log,
    events,
    sync: (id) => answerOf(syncItem(dependencies, pathOf(id))),
    get: (id) => answerOf(getItem(dependencies, pathOf(id))),
    find: (query) =>
      answerOf(findItems(dependencies, query === undefined ? {} : { queryStringParameters: query })),
  };
}

async function answerOf(result: Promise<APIGatewayProxyStructuredResultV2>): Promise<Answer> {
  const {
    statusCode: status,
    headers,
    body: text = '',
  } = await result.catch((error: unknown) => problemOf(error, 'request-1'));
  return { status, headers, body: JSON.parse(text), text };
}

/** As an invocation leaves it that did not reach the bus: ITEM has its tombstone, and nothing else is there. */
export async function leaveRemovalHalfDone({ items, clock }: ItemsApi, id: ItemBankId): Promise<void> {
  const row = (await readMirror(items, [id])).get(id);
  if (!row) throw new Error('there is nothing to remove');
  const publish = () => Promise.reject(new Error('the bus cannot be reached'));
  const removal = removeItem(items, row, { reason: 'DELETED', now: clock.now(), publish });
  await expect(removal).rejects.toThrow('the bus cannot be reached');
}
