import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { KEYS } from '../executions/keys.ts';
import { type ItemRow, readBatch } from '../executions/progress.ts';
import type { ItemBankId, JobExecutionId } from '../shared/contract/ids.ts';
import type { Failure } from '../shared/contract/job-execution.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { WebhookState } from '../shared/contract/webhooks.ts';
import { getRows, type Table } from '../shared/dynamodb.ts';

/** A project webhook that was found missing, or not as it should be, and is so still. */
export interface OpenWebhook {
  /** By the name under which it was looked at. */
  repository: ListedRepository;
  /** Of the webhook that is to be repaired; absent where one is to be created. */
  webhookId?: number;
}

/** Those of a batch, without those that were tried in this run: what GitHub has refused is not asked for again. */
export async function openWebhooks(
  executionsTable: Table,
  id: JobExecutionId,
  batch: number,
): Promise<OpenWebhook[]> {
  const { repositories, progress } = await readBatch(executionsTable, id, batch);
  const rows = await itemRows(executionsTable, id, [
    ...progress.requiringProjectWebhook,
    ...progress.webhooksDiffering,
  ]);
  const open = new Map(rows.filter(isOpen).map((row) => [row.itemBankId, row]));
  return repositories.flatMap((listed) => {
    const row = open.get(listed.itemBankId);
    if (!row) return [];
    const { repositoryName: name, webhookId } = row;
    return [{ repository: { ...listed, name }, ...(webhookId !== undefined && { webhookId }) }];
  });
}

const isOpen = ({ webhookLeft, webhookFailure }: ItemRow): boolean =>
  (webhookLeft === 'missing' || webhookLeft === 'differs') && !webhookFailure;

/** How the run left a webhook that was open. */
export interface LeftWebhook {
  itemBankId: ItemBankId;
  webhookLeft: WebhookState;
  webhookFailure?: Failure;
}

export async function recordWebhook(
  executionsTable: Table,
  id: JobExecutionId,
  { itemBankId, webhookLeft, webhookFailure }: LeftWebhook,
): Promise<void> {
  await executionsTable.client.send(
    new UpdateCommand({
      TableName: executionsTable.name,
      Key: KEYS.item(id, itemBankId),
      UpdateExpression: `SET webhookLeft = :left${webhookFailure ? ', webhookFailure = :trouble' : ''}`,
      ExpressionAttributeValues: {
        ':left': webhookLeft,
        ...(webhookFailure && { ':trouble': webhookFailure }),
      },
    }),
  );
}

/** How many of these webhooks the run has neither created nor repaired. */
export async function countNotWritten(
  executionsTable: Table,
  id: JobExecutionId,
  open: readonly ItemBankId[],
): Promise<number> {
  const rows = await itemRows(executionsTable, id, open);
  return rows.filter(({ webhookLeft }) => webhookLeft !== 'created' && webhookLeft !== 'repaired').length;
}

async function itemRows(
  executionsTable: Table,
  id: JobExecutionId,
  ids: readonly ItemBankId[],
): Promise<ItemRow[]> {
  const rows = await getRows(
    executionsTable,
    ids.map((itemBankId) => KEYS.item(id, itemBankId)),
  );
  return rows as unknown as ItemRow[];
}
