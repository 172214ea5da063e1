import { syncItem } from '../../functions/handlers/sync-item.ts';
import type { ItemBankId } from '../../functions/shared/contract/ids.ts';
import type { RunOptions } from '../../functions/shared/contract/job-execution.ts';
import { isSyncError } from '../../functions/shared/errors.ts';
import { openWorker } from '../integration/deliveries/support.ts';
import { ORGANIZATION, PROJECT_WEBHOOK_URL, WEBHOOK_SECRET } from '../support/bank.ts';
import { createLog } from '../support/log.ts';
import { beginRun, type Run } from '../support/run.ts';
import type { Installation } from './installation.ts';

/** Removes all items that are gone, however many there are. */
export const WITHOUT_LIMIT: RunOptions = { dryRun: false, removalLimitPercent: 100 };

export function beginRunOf(installation: Installation, options: RunOptions): Promise<Run> {
  return beginRun({ ...installation, options });
}

/** Does what the function behind the queue does. Messages that it returns are lost. */
export async function handleDeliveries(
  { bank, clock, tables }: Installation,
  deliveries: readonly { id: ItemBankId; event: string }[],
): Promise<void> {
  const dependencies = {
    ...dependenciesOf({ bank, clock, tables }),
    remainingTimeMs: () => 300_000,
    executionsTable: tables.executionsTable,
    removalEnabled: true,
    // The limit has tests of its own.
    limitPercent: 1_000,
  };
  await openWorker({ dependencies }).handle(
    ...deliveries.map(({ id: itemBankId, event }) =>
      event === 'push' || event === 'meta'
        ? { itemBankId, event }
        : { itemBankId, event: 'repository', action: event },
    ),
  );
}

function dependenciesOf({ bank, clock, tables }: Pick<Installation, 'bank' | 'clock' | 'tables'>) {
  return {
    log: createLog(),
    now: clock.now,
    itemsTable: tables.itemsTable,
    publish: async () => {},
    organization: ORGANIZATION,
    projectWebhookUrl: PROJECT_WEBHOOK_URL,
    webhookScope: 'repository',
    ignored: new Set<string>(),
    dryRunOnly: false,
    connect: async () => ({ github: bank.github, webhookSecret: WEBHOOK_SECRET }),
  } as const;
}

/** Does what `POST /sync/{itemBankId}` does. Ignores ids that are no longer in the bank. */
export async function synchronizeItem(installation: Installation, id: ItemBankId): Promise<void> {
  const dependencies = { ...dependenciesOf(installation), remainingTimeMs: () => 30_000 };
  try {
    await syncItem(dependencies, { pathParameters: { itemBankId: String(id) } });
  } catch (error) {
    if (!isSyncError(error, 'ItemBankIdUnknown')) throw error;
  }
}
