import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { readBatch } from '../executions/batch.ts';
import { type ItemRow, readItemRows } from '../executions/item-result.ts';
import { KEYS } from '../executions/keys.ts';
import type { ItemBankId, JobExecutionId } from '../shared/contract/ids.ts';
import type { Failure } from '../shared/contract/job-execution.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { WebhookState } from '../shared/contract/webhooks.ts';
import type { Table } from '../shared/dynamodb.ts';

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
  const rows = await readItemRows(executionsTable, id, [
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
