import { syncItem } from '../../functions/handlers/sync-item.ts';
import type { ItemBankId } from '../../functions/shared/contract/ids.ts';
import type { RunOptions } from '../../functions/shared/contract/job-execution.ts';
import { isSyncError } from '../../functions/shared/errors.ts';
import { ORGANIZATION, PROJECT_WEBHOOK_URL, WEBHOOK_SECRET } from '../support/bank.ts';
import { createLog } from '../support/log.ts';
import { beginRun, type Run } from '../support/run.ts';
import type { Installation } from './installation.ts';

/** Removes all items that are gone, however many there are. */
export const WITHOUT_LIMIT: RunOptions = { dryRun: false, removalLimitPercent: 100 };

export function beginRunOf(installation: Installation, options: RunOptions): Promise<Run> {
  return beginRun({ ...installation, options });
}

/** Does what `POST /sync/{itemBankId}` does. Ignores ids that are no longer in the bank. */
export async function synchronizeItem(installation: Installation, id: ItemBankId): Promise<void> {
  const { bank, clock, tables } = installation;
  const dependencies: Parameters<typeof syncItem>[0] = {
    log: createLog(),
    now: clock.now,
    remainingTimeMs: () => 30_000,
    itemsTable: tables.itemsTable,
    publish: async () => {},
    organization: ORGANIZATION,
    projectWebhookUrl: PROJECT_WEBHOOK_URL,
    webhookScope: 'repository',
    ignored: new Set(),
    dryRunOnly: false,
    connect: async () => ({ github: bank.github, webhookSecret: WEBHOOK_SECRET }),
  };
  try {
    await syncItem(dependencies, { pathParameters: { itemBankId: String(id) } });
  } catch (error) {
    if (!isSyncError(error, 'ItemBankIdUnknown')) throw error;
  }
}
