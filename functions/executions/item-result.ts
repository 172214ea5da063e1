import type { ItemBankId, JobExecutionId } from '../shared/contract/ids.ts';
import {
  type Failure,
  type FieldIssue,
  OUTCOMES,
  type Outcome,
  REASONS,
} from '../shared/contract/job-execution.ts';
import type { NamedRepository } from '../shared/contract/repositories.ts';
import {
  MISSED_DELIVERIES,
  type MissedDelivery,
  WEBHOOK_SETTINGS,
  WEBHOOK_STATES,
  type WebhookSetting,
  type WebhookState,
} from '../shared/contract/webhooks.ts';
import { getRows, queryRows, type Row, type Table } from '../shared/dynamodb.ts';
import { FailureCodec, FieldIssueCodec, ItemBankIdCodec, parseRow, withFormerNames } from '../shared/rows.ts';
import * as z from '../shared/zod.ts';
import { KEYS } from './keys.ts';

/** What one run did to one item bank id. Times are milliseconds. */
export interface ItemResult extends Partial<Failure> {
  itemBankId: ItemBankId;
  repositoryName: string;
  outcome: Outcome;
  webhookFound: WebhookState;
  /** GitHub's id of the project webhook, if one was found. */
  webhookId?: number;
  webhookDiffers?: WebhookSetting[];
  /** Ids of further webhooks that point to this service. */
  otherWebhooks?: number[];
  /** Why the webhook could not be checked, created or repaired. */
  webhookFailure?: Failure;
  /** Only while the webhook secret is being replaced: whether the repository's webhook has the new one. */
  hasCurrentSecret?: boolean;
  /** Whether a delivery should have announced the change, and did not. */
  delivery?: MissedDelivery;
  /** How many revisions the run added to the mirror. */
  revisions?: number;
  /** What the mirror could not read of the item.json that it shows. */
  fieldIssues?: FieldIssue[];
  /** Other repositories whose items have the item id that this run has written. */
  sameItemId?: NamedRepository[];
  durationMs: number;
}

/** What the results of items have in common whose webhooks were not requested. */
export function uncheckedResult({ itemBankId, repositoryName }: NamedRepository) {
  return { itemBankId, repositoryName, webhookFound: 'unchecked', durationMs: 0 } as const;
}

/**
 * Whether a run keeps a row of a result. It does not for an item that is as it was in the bank and whose webhook, if it was
 * checked, is in order: PROGRESS counts these, and on a quiet night there are no others.
 */
export function isReported({ outcome, webhookFound, webhookFailure, otherWebhooks }: ItemResult): boolean {
  const isWebhookInOrder =
    webhookFound === 'present' || webhookFound === 'unchecked' || webhookFound === 'archived';
  const isAsBefore = outcome === 'unchanged' || outcome === 'derived';
  return !isAsBefore || !isWebhookInOrder || Boolean(webhookFailure ?? otherWebhooks);
}

/** The ITEM row of a run: a result, and how the run left the webhook. */
export interface ItemRow extends ItemResult {
  webhookLeft: WebhookState;
}

const ItemRowCodec: z.ZodMiniType<ItemRow> = withFormerNames(
  { repository: 'repositoryName', webhookTrouble: 'webhookFailure' },
  z.object({
    itemBankId: ItemBankIdCodec,
    repositoryName: z.string(),
    outcome: z.enum(OUTCOMES),
    reason: z.exactOptional(z.enum(REASONS)),
    message: z.exactOptional(z.string()),
    githubRequestId: z.exactOptional(z.string()),
    webhookFound: z.enum(WEBHOOK_STATES),
    webhookLeft: z.enum(WEBHOOK_STATES),
    webhookId: z.exactOptional(z.number()),
    webhookDiffers: z.exactOptional(z.array(z.enum(WEBHOOK_SETTINGS))),
    otherWebhooks: z.exactOptional(z.array(z.number())),
    webhookFailure: z.exactOptional(FailureCodec),
    hasCurrentSecret: z.exactOptional(z.boolean()),
    delivery: z.exactOptional(z.enum(MISSED_DELIVERIES)),
    revisions: z.exactOptional(z.number()),
    fieldIssues: z.exactOptional(z.array(FieldIssueCodec)),
    sameItemId: z.exactOptional(
      z.array(z.object({ itemBankId: ItemBankIdCodec, repositoryName: z.string() })),
    ),
    durationMs: z.number(),
  }),
);

/** Reads those of the ITEM rows that exist, in any order. */
export async function readItemRows(
  executionsTable: Table,
  id: JobExecutionId,
  itemBankIds: readonly ItemBankId[],
): Promise<ItemRow[]> {
  const rows = await getRows(
    executionsTable,
    itemBankIds.map((itemBankId) => KEYS.item(id, itemBankId)),
  );
  return rows.map((row) => parseItemRow(row, id));
}

/** @throws SyncError `RowInvalid`. */
export function parseItemRow(row: Row, id: JobExecutionId): ItemRow {
  return parseRow(ItemRowCodec, row, `the row ${row['sk']} of job execution ${id}`);
}

/** Reads every ITEM row of a run: `isReported` says which ids have one. */
export async function* readReportedItems(
  executionsTable: Table,
  id: JobExecutionId,
): AsyncGenerator<ItemRow> {
  const rows = queryRows(executionsTable, { partition: KEYS.workingRows(id), prefix: 'ITEM#' });
  for await (const row of rows) yield parseItemRow(row, id);
}
