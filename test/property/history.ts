import { expect } from 'vitest';
import { MINUTE_MS } from '../support/clock.ts';
import { allRows } from '../support/dynamodb.ts';
import { asEarlierFields, asVersion2 } from '../support/earlier-release.ts';
import type { Installation } from './installation.ts';
import type { BankOperation, Operation, Synchronization } from './operations.ts';
import { memberAt } from './organization.ts';
import { perform } from './people.ts';
import { beginRunOf, handleDeliveries, synchronizeItem } from './synchronizations.ts';
import { takeTurns } from './turns.ts';

/** Plays a history. A dry run that is not concurrent with other operations must not change the mirror. */
export async function play(installation: Installation, operations: readonly Operation[]): Promise<void> {
  for (const operation of operations) {
    installation.clock.advance(MINUTE_MS);
    if (operation.kind === 'together') {
      await takeTurns(worksOf(installation, operation.operations), operation.turns);
    } else if (operation.kind === 'release') {
      await EARLIER_ROWS[operation.before](installation.tables.itemsTable);
    } else if (operation.kind === 'run' && operation.dryRun) {
      await changesNothing(installation, () => carryOut(installation, operation));
    } else {
      await carryOut(installation, operation);
    }
  }
}

const EARLIER_ROWS = { 'version 2': asVersion2, 'earlier fields': asEarlierFields };

type Single = BankOperation | Synchronization;

const worksOf = (installation: Installation, operations: readonly Single[]) =>
  operations.map((operation) => () => carryOut(installation, operation));

async function carryOut(installation: Installation, operation: Single): Promise<void> {
  switch (operation.kind) {
    case 'run': {
      const { kind: _, ...options } = operation;
      const run = await beginRunOf(installation, options);
      await run.all();
      return;
    }
    case 'synchronize item': {
      const id = memberAt(installation.organization.ids, operation.id);
      return id && synchronizeItem(installation, id);
    }
    case 'handle deliveries': {
      const { ids } = installation.organization;
      const known = operation.deliveries.flatMap(({ id, event }) => {
        const itemBankId = memberAt(ids, id);
        return itemBankId ? [{ id: itemBankId, event }] : [];
      });
      return handleDeliveries(installation, known);
    }
    default:
      return perform(installation.organization, operation);
  }
}

async function changesNothing(
  { tables: { itemsTable } }: Installation,
  work: () => Promise<void>,
): Promise<void> {
  const before = await allRows(itemsTable);
  await work();
  expect(await allRows(itemsTable)).toEqual(before);
}
