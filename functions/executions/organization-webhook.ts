import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { getRow, type Table } from '../dynamodb.ts';
import type {
  JobExecutionId,
  KnownWebhook,
  RepositoryTrouble,
  WebhookPart,
  WebhookState,
} from '../vocabulary.ts';
import { KEYS } from './keys.ts';
import { expiry } from './working-rows.ts';

/** What a run saw of the organization's webhook, and how it left it. */
export interface OrganizationWebhook {
  found: WebhookState;
  left: WebhookState;
  id?: number;
  differs?: WebhookPart[];
  others?: number[];
  /** Why it was not looked at, created or repaired. */
  trouble?: RepositoryTrouble;
}

export async function readOrganizationWebhook(
  table: Table,
  id: JobExecutionId,
): Promise<OrganizationWebhook | undefined> {
  return (await getRow(table, KEYS.organizationWebhook(id))) as OrganizationWebhook | undefined;
}

export async function recordOrganizationWebhook(
  { table, now }: { table: Table; now: () => Date },
  id: JobExecutionId,
  webhook: OrganizationWebhook,
): Promise<void> {
  const row = { ...KEYS.organizationWebhook(id), ...webhook, ...expiry(now()) };
  await table.client.send(new PutCommand({ TableName: table.name, Item: row }));
}

/** What is remembered of it from one run to the next. */
export async function readKnownWebhook(table: Table): Promise<KnownWebhook | undefined> {
  return (await getRow(table, KEYS.knownWebhook())) as KnownWebhook | undefined;
}

export async function rememberWebhook(table: Table, webhook: KnownWebhook): Promise<void> {
  await table.client.send(
    new PutCommand({ TableName: table.name, Item: { ...KEYS.knownWebhook(), ...webhook } }),
  );
}
