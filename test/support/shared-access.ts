import { sharedWaits } from '../../functions/executions/github-waits.ts';
import type { Table } from '../../functions/shared/dynamodb.ts';
import { type Bank, connect, WEBHOOK_SECRET } from './bank.ts';

/** How a function of another container connects: with a client of its own, which shares its waits by the table. */
export function accessTo(
  { site }: Bank,
  executionsTable: Table,
  options: NonNullable<Parameters<typeof connect>[2]>,
) {
  const github = connect(site, undefined, { sharedWaits: sharedWaits(executionsTable), ...options });
  return async () => ({ github, webhookSecret: WEBHOOK_SECRET });
}
