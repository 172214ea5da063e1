import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { expiry, KEYS } from '../executions/keys.ts';
import type { JobExecutionId } from '../shared/contract/ids.ts';
import type { KnownWebhook, OrganizationWebhook } from '../shared/contract/webhooks.ts';
import { getRow, type Table } from '../shared/dynamodb.ts';

export async function readOrganizationWebhook(
  executionsTable: Table,
  id: JobExecutionId,
): Promise<OrganizationWebhook | undefined> {
  return (await getRow(executionsTable, KEYS.organizationWebhook(id))) as OrganizationWebhook | undefined;
}

export async function recordOrganizationWebhook(
  { executionsTable, now }: { executionsTable: Table; now: () => Date },
  id: JobExecutionId,
  webhook: OrganizationWebhook,
): Promise<void> {
  const row = { ...KEYS.organizationWebhook(id), ...webhook, ...expiry(now()) };
  await executionsTable.client.send(new PutCommand({ TableName: executionsTable.name, Item: row }));
}

/** What is remembered of it from one run to the next. */
export async function readKnownWebhook(executionsTable: Table): Promise<KnownWebhook | undefined> {
  return (await getRow(executionsTable, KEYS.knownWebhook())) as KnownWebhook | undefined;
}

export async function rememberWebhook(executionsTable: Table, webhook: KnownWebhook): Promise<void> {
  await executionsTable.client.send(
    new PutCommand({ TableName: executionsTable.name, Item: { ...KEYS.knownWebhook(), ...webhook } }),
  );
}
