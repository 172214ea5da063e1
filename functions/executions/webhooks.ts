import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { getRows, type Table } from '../dynamodb.ts';
import type {
  ItemBankId,
  JobExecutionId,
  ListedRepository,
  RepositoryTrouble,
  WebhookState,
} from '../vocabulary.ts';
import { KEYS } from './keys.ts';
import { type ItemRow, readBatch } from './progress.ts';

/** A project webhook that was found missing, or not as it should be, and is so still. */
export interface OpenWebhook {
  /** By the name under which it was looked at. */
  repository: ListedRepository;
  /** Of the webhook that is to be repaired; absent where one is to be created. */
  webhookId?: number;
}

/** Those of a batch, without those that were tried in this run: what GitHub has refused is not asked for again. */
export async function openWebhooks(table: Table, id: JobExecutionId, batch: number): Promise<OpenWebhook[]> {
  const { repositories, progress } = await readBatch(table, id, batch);
  const rows = await itemRows(table, id, [
    ...progress.requiringProjectWebhook,
    ...progress.webhooksDiffering,
  ]);
  const open = new Map(rows.filter(isOpen).map((row) => [row.itemBankId, row]));
  return repositories.flatMap((listed) => {
    const row = open.get(listed.itemBankId);
    if (!row) return [];
    const { repository: name, webhookId } = row;
    return [{ repository: { ...listed, name }, ...(webhookId !== undefined && { webhookId }) }];
  });
}

const isOpen = ({ webhookLeft, webhookTrouble }: ItemRow): boolean =>
  (webhookLeft === 'missing' || webhookLeft === 'differs') && !webhookTrouble;

/** How the run left a webhook that was open. */
export interface LeftWebhook {
  itemBankId: ItemBankId;
  webhookLeft: WebhookState;
  webhookTrouble?: RepositoryTrouble;
}

export async function recordWebhook(
  table: Table,
  id: JobExecutionId,
  { itemBankId, webhookLeft, webhookTrouble }: LeftWebhook,
): Promise<void> {
  await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: KEYS.item(id, itemBankId),
      UpdateExpression: `SET webhookLeft = :left${webhookTrouble ? ', webhookTrouble = :trouble' : ''}`,
      ExpressionAttributeValues: {
        ':left': webhookLeft,
        ...(webhookTrouble && { ':trouble': webhookTrouble }),
      },
    }),
  );
}

/** How many of these webhooks the run has neither created nor repaired. */
export async function countNotWritten(
  table: Table,
  id: JobExecutionId,
  open: readonly ItemBankId[],
): Promise<number> {
  const rows = await itemRows(table, id, open);
  return rows.filter(({ webhookLeft }) => webhookLeft !== 'created' && webhookLeft !== 'repaired').length;
}

async function itemRows(table: Table, id: JobExecutionId, ids: readonly ItemBankId[]): Promise<ItemRow[]> {
  const rows = await getRows(
    table,
    ids.map((itemBankId) => KEYS.item(id, itemBankId)),
  );
  return rows as unknown as ItemRow[];
}
