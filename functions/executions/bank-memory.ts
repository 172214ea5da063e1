import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { getRow, type Table } from '../shared/dynamodb.ts';
import { parseRow } from '../shared/rows.ts';
import * as z from '../shared/zod.ts';
import { KEYS } from './keys.ts';

/**
 * What runs have found out about the bank, and about how fast GitHub answers. It makes the next run faster, and limits how
 * many items deliveries may remove. Any field may be missing: the next run is then slower, and deliveries remove nothing
 * until a run has listed the bank.
 */
export type BankMemory = z.output<typeof BankMemoryCodec>;
const BankMemoryCodec = z.object({
  /** Pages of the last listing. */
  pages: z.lenient(z.int().check(z.positive(), z.maximum(2_000))),
  /** Repositories of the last complete listing by a run that was not a dry run. */
  repositories: z.lenient(z.int().check(z.nonnegative())),
  /** Repositories in a query for heads. */
  querySize: z.lenient(z.int().check(z.positive())),
  /** How long a query took in the last completed run. */
  msPerQuery: z.lenient(z.number().check(z.nonnegative())),
});

export async function readBankMemory(executionsTable: Table): Promise<BankMemory> {
  const row = await getRow(executionsTable, KEYS.bankMemory());
  return parseRow(BankMemoryCodec, row ?? {}, 'what is remembered of the bank');
}

/** Replaces the given values and keeps the others. */
export async function rememberOfBank(executionsTable: Table, memory: Partial<BankMemory>): Promise<void> {
  const values = Object.entries(memory).filter(([, value]) => value !== undefined);
  if (values.length === 0) return;
  await executionsTable.client.send(
    new UpdateCommand({
      TableName: executionsTable.name,
      Key: KEYS.bankMemory(),
      UpdateExpression: `SET ${values.map(([name]) => `${name} = :${name}`).join(', ')}`,
      ExpressionAttributeValues: Object.fromEntries(values.map(([name, value]) => [`:${name}`, value])),
    }),
  );
}
