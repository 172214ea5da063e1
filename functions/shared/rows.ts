import type { ItemBankId, JobExecutionId } from './contract/ids.ts';
import { type Failure, type FieldIssue, REASONS } from './contract/job-execution.ts';
import type { ListedRepository } from './contract/repositories.ts';
import type { KnownWebhook, WebhookState } from './contract/webhooks.ts';
import { SyncError } from './errors.ts';
import { faultsOf } from './faults.ts';
import * as z from './zod.ts';

/**
 * Reads a row through its codec.
 * @param what names the row in the error message, which never shows a value of the row.
 * @throws SyncError `RowInvalid` with every fault.
 */
export function parseRow<Content>(codec: z.ZodMiniType<Content>, row: unknown, what: string): Content {
  const parsed = codec.safeParse(row);
  if (parsed.success) return parsed.data;
  throw new SyncError('RowInvalid', `${what} cannot be read: ${faultsOf(parsed.error, 'row')}`);
}

/**
 * Rejects a row that a newer release wrote before its deployment was rolled back: its attributes may mean something
 * else. A row without a `schemaVersion` is of version 1.
 * @throws SyncError `RowTooNew` for a version above `known`.
 */
export function assertReadable({ schemaVersion = 1 }: { schemaVersion?: number }, known: number): void {
  if (schemaVersion <= known) return;
  throw new SyncError(
    'RowTooNew',
    `a row has version ${schemaVersion}, but this release reads up to ${known}`,
  );
}

/**
 * The codec of an object whose attributes had other names in the previous release, whose rows are read during a
 * deployment.
 * @param names the present name by the former name.
 */
// @__NO_SIDE_EFFECTS__
export function withFormerNames<Content>(
  names: Readonly<Record<string, string>>,
  codec: z.ZodMiniType<Content>,
): z.ZodMiniType<Content> {
  const rename = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const former = Object.entries(value).filter(([name]) => names[name] !== undefined);
    return { ...Object.fromEntries(former.map(([name, content]) => [names[name], content])), ...value };
  };
  return z.pipe(z.transform(rename), codec);
}

const isId = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) > 0;
export const ItemBankIdCodec = z.custom<ItemBankId>(isId, 'expected an item bank id');
export const JobExecutionIdCodec = z.custom<JobExecutionId>(isId, 'expected a job execution id');

export const FailureCodec: z.ZodMiniType<Failure> = z.object({
  reason: z.enum(REASONS),
  message: z.string(),
  githubRequestId: z.exactOptional(z.string()),
});

export const FieldIssueCodec: z.ZodMiniType<FieldIssue> = z.looseObject({
  field: z.string(),
  received: z.string(),
  expected: z.string(),
} satisfies Record<keyof FieldIssue, z.ZodMiniType>);

export const ListedRepositoryCodec: z.ZodMiniType<ListedRepository> = withFormerNames(
  { name: 'repositoryName' },
  z.object({
    itemBankId: ItemBankIdCodec,
    nodeId: z.string(),
    repositoryName: z.string(),
    archived: z.boolean(),
  }),
);

// Any state is read, because a newer release may have added one before a rollback.
const WebhookStateCodec = z.custom<WebhookState>((value) => typeof value === 'string', 'expected string');

export const KnownWebhookCodec: z.ZodMiniType<KnownWebhook> = z.looseObject({
  state: WebhookStateCodec,
  id: z.exactOptional(z.number()),
  secretVersion: z.exactOptional(z.string()),
  checkedAt: z.exactOptional(z.string()),
} satisfies Record<keyof KnownWebhook, z.ZodMiniType>);
