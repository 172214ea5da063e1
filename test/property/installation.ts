import type { Table } from '../../functions/shared/dynamodb.ts';
import { connect, TOKEN } from '../integration/local/github/support.ts';
import { type Bank, startBank } from '../support/bank.ts';
import { type Clock, createClock } from '../support/clock.ts';
import type { TableSchema } from '../support/dynamodb.ts';
import { ITEMS_TABLE } from '../support/items-table.ts';
import type { Tables } from '../support/run.ts';
import type { BankOrigin } from './operations.ts';
import { type Organization, openOrganization } from './organization.ts';
import { inTurn } from './turns.ts';

/** An item bank, and the tables of its mirror. */
export interface Installation {
  bank: Bank;
  organization: Organization;
  clock: Clock;
  tables: Tables;
  newTable: NewTable;
}

type NewTable = (schema?: TableSchema) => Promise<Table>;

/** Creates an installation for `use`. Its requests to the bank and to the tables take turns if `takeTurns` is running. */
export async function withInstallation(
  newTable: NewTable,
  origin: BankOrigin,
  use: (installation: Installation) => Promise<void>,
): Promise<void> {
  const clock = createClock();
  let close = async (): Promise<void> => {};
  const bank = await startBank({ ...origin, withoutProjectWebhook: 1, now: clock.now }, (closeBank) => {
    close = closeBank;
  });
  try {
    const people = connect(bank.site, TOKEN);
    for (const { hook } of [bank.github, people]) {
      hook.wrap('request', (request, options) => inTurn(async () => request(options)));
    }
    const tables = { executionsTable: await newTable(), itemsTable: await newTable(ITEMS_TABLE) };
    for (const { client } of Object.values(tables)) {
      // Clients share what they go through, hence the name: one of this name takes the place of another.
      client.middlewareStack.add((next) => (request) => inTurn(() => next(request)), {
        step: 'initialize',
        name: 'takeTurns',
        override: true,
      });
    }
    await use({ bank, clock, tables, newTable, organization: await openOrganization(people, clock) });
  } finally {
    await close();
  }
}
