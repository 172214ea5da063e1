import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { readBatch } from '../executions/batch.ts';
import { type ItemRow, readItemRows } from '../executions/item-result.ts';
import { expiry, KEYS } from '../executions/keys.ts';
import type { ItemBankId, JobExecutionId } from '../shared/contract/ids.ts';
import type { Failure } from '../shared/contract/job-execution.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import {
  type KnownWebhook,
  type SharedWebhook,
  WEBHOOK_SETTINGS,
  WEBHOOK_STATES,
  type WebhookState,
} from '../shared/contract/webhooks.ts';
import { getRow, type Table } from '../shared/dynamodb.ts';
import { FailureCodec, KnownWebhookCodec, parseRow, withFormerNames } from '../shared/rows.ts';
import * as z from '../shared/zod.ts';

/** A project webhook that was found missing or different, and that this run has not tried to write. */
export interface OpenWebhook {
  repository: ListedRepository;
  /** The webhook to repair; absent if one is to be created. */
  webhookId?: number;
}

/** Whether a webhook that was found missing or different is still to be written. A failed attempt is not repeated. */
export const isOpen = ({ left, failure }: { left: WebhookState; failure?: Failure | undefined }): boolean =>
  (left === 'missing' || left === 'differs') && !failure;

/** The open webhooks of a batch. Repositories have the names under which they were checked. */
export async function readOpenWebhooks(
  executionsTable: Table,
  id: JobExecutionId,
  batch: number,
): Promise<OpenWebhook[]> {
  const { repositories, progress } = await readBatch(executionsTable, id, batch);
  const rows = await readItemRows(executionsTable, id, [
    ...progress.requiringProjectWebhook,
    ...progress.webhooksDiffering,
  ]);
  const open = new Map(
    rows
      .filter(({ webhookLeft, webhookFailure }) => isOpen({ left: webhookLeft, failure: webhookFailure }))
      .map((row): [ItemBankId, ItemRow] => [row.itemBankId, row]),
  );
  return repositories.flatMap((listed) => {
    const row = open.get(listed.itemBankId);
    if (!row) return [];
    const { repositoryName, webhookId } = row;
    return [{ repository: { ...listed, repositoryName }, ...(webhookId !== undefined && { webhookId }) }];
  });
}

/** How the run left a webhook that was open. */
export interface LeftWebhook {
  itemBankId: ItemBankId;
  left: WebhookState;
  failure?: Failure;
}

/** Records in the run's row of a repository how the run left its webhook. */
export async function recordLeftWebhook(
  executionsTable: Table,
  id: JobExecutionId,
  { itemBankId, left, failure }: LeftWebhook,
): Promise<void> {
  await executionsTable.client.send(
    new UpdateCommand({
      TableName: executionsTable.name,
      Key: KEYS.item(id, itemBankId),
      UpdateExpression: `SET webhookLeft = :left${failure ? ', webhookFailure = :failure' : ''}`,
      ExpressionAttributeValues: { ':left': left, ...(failure && { ':failure': failure }) },
    }),
  );
}

const SharedWebhookCodec: z.ZodMiniType<SharedWebhook> = withFormerNames(
  { trouble: 'failure' },
  z.object({
    // The previous release knew only this one.
    scope: z._default(z.enum(['organization', 'app']), 'organization'),
    found: z.enum(WEBHOOK_STATES),
    left: z.enum(WEBHOOK_STATES),
    id: z.exactOptional(z.number()),
    differs: z.exactOptional(z.array(z.enum(WEBHOOK_SETTINGS))),
    others: z.exactOptional(z.array(z.number())),
    hasCurrentSecret: z.exactOptional(z.boolean()),
    failure: z.exactOptional(FailureCodec),
  }),
);

/** The webhook of the organization or of the App as this run found and left it. */
export async function readSharedWebhook(
  executionsTable: Table,
  id: JobExecutionId,
): Promise<SharedWebhook | undefined> {
  const row = await getRow(executionsTable, KEYS.sharedWebhook(id));
  return row && parseRow(SharedWebhookCodec, row, `the row ORGANIZATION_WEBHOOK of job execution ${id}`);
}

export async function recordSharedWebhook(
  { executionsTable, now }: { executionsTable: Table; now: () => Date },
  id: JobExecutionId,
  webhook: SharedWebhook,
): Promise<void> {
  const row = { ...KEYS.sharedWebhook(id), ...webhook, ...expiry(now()) };
  await executionsTable.client.send(new PutCommand({ TableName: executionsTable.name, Item: row }));
}

/** What is remembered of the webhook of the organization or of the App from one run to the next. */
export async function readKnownWebhook(executionsTable: Table): Promise<KnownWebhook | undefined> {
  const row = await getRow(executionsTable, KEYS.knownWebhook());
  return (
    row &&
    parseRow(KnownWebhookCodec, row, 'what is remembered of the webhook of the organization or the App')
  );
}

export async function rememberSharedWebhook(executionsTable: Table, webhook: KnownWebhook): Promise<void> {
  await executionsTable.client.send(
    new PutCommand({ TableName: executionsTable.name, Item: { ...KEYS.knownWebhook(), ...webhook } }),
  );
}

const WebhookWritesCodec = z.object({ writes: z.number(), lastAt: z.string() });

/** Webhook writes with less than an hour between any two consecutive ones. */
export interface WebhookWrites {
  writes: number;
  /** ISO 8601. */
  lastAt: string;
}

export async function readWebhookWrites(executionsTable: Table): Promise<WebhookWrites | undefined> {
  const row = await getRow(executionsTable, KEYS.webhookWrites());
  return row && parseRow(WebhookWritesCodec, row, 'the count of webhook writes');
}

/**
 * Counts a webhook write, before it is sent: over-counting only delays, under-counting breaks GitHub's limit.
 * @param series `continued` if less than an hour has passed since the last write, else `new`.
 */
export async function countWebhookWrite(
  { executionsTable, now }: { executionsTable: Table; now: () => Date },
  series: 'continued' | 'new',
): Promise<WebhookWrites> {
  const { Attributes = {} } = await executionsTable.client.send(
    new UpdateCommand({
      TableName: executionsTable.name,
      Key: KEYS.webhookWrites(),
      UpdateExpression:
        series === 'continued' ? 'ADD writes :one SET lastAt = :now' : 'SET writes = :one, lastAt = :now',
      ExpressionAttributeValues: { ':one': 1, ':now': now().toISOString() },
      ReturnValues: 'ALL_NEW',
    }),
  );
  return parseRow(WebhookWritesCodec, Attributes, 'the count of webhook writes');
}
