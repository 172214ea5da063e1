import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { MAX_HISTORY_EVENTS } from '../../bench/targets.ts';
import { PAYLOAD_LIMIT_BYTES } from '../../local/cloud/state-machine-run.ts';
import { metered } from '../integration/bench/support.ts';
import { ROUTES, startBank } from '../support/bank.ts';
import { useDynamoDb } from '../support/dynamodb.ts';
import { nightlyRuns } from '../support/run.ts';
import { runStateMachineOver, writeLargeListing } from './large-run.ts';

const PerId = z.strictObject({
  requests: z.number(),
  graphqlPoints: z.number(),
  readUnits: z.number(),
  writeUnits: z.number(),
});
const Budgets = z.strictObject({
  createdPerId: PerId,
  unchangedPerId: PerId,
  hundredThousandIds: z.strictObject({
    historyEvents: z.number(),
    transitions: z.number(),
    largestPayloadBytes: z.number(),
    largestRowBytes: z.number(),
  }),
});
const budgets = Budgets.parse(JSON.parse(await readFile(join('bench', 'budgets.json'), 'utf8')));

const BANK_IDS = 230;
const IDS = 100_000;
// A budget far above the actual use would not detect the next waste.
const LEAST_USE = 0.9;

const newTable = useDynamoDb();

function expectWithin(budget: Record<string, number>, spent: Record<string, number>): void {
  expect(Object.keys(spent).sort()).toEqual(Object.keys(budget).sort());
  for (const [name, most] of Object.entries(budget)) {
    expect(spent[name], name).toBeLessThanOrEqual(most);
    expect(spent[name], `${name}: the budget can be lowered`).toBeGreaterThan(most * LEAST_USE);
  }
}

describe('a run stays within its budget', () => {
  it('of requests, points and units per id, with an empty mirror and when nothing has changed', async () => {
    const bank = await startBank({ repositories: BANK_IDS });
    const { newTable: meteredTable, meter } = await metered(newTable);
    const nextRun = nightlyRuns({ newTable: meteredTable, bank });
    const { traffic } = bank.site;
    const spendPerId = async () => {
      traffic.reset();
      meter.reset();
      const { exit } = await nextRun();
      expect(exit.exitCode).toBe('COMPLETED');
      const { restRequests, graphqlPoints } = traffic.usage();
      const { read, write } = meter.units();
      return {
        requests: (restRequests + (traffic.requests.get(ROUTES.graphql) ?? 0)) / BANK_IDS,
        graphqlPoints: graphqlPoints / BANK_IDS,
        readUnits: read / BANK_IDS,
        writeUnits: write / BANK_IDS,
      };
    };
    expectWithin(budgets.createdPerId, await spendPerId());
    expectWithin(budgets.unchangedPerId, await spendPerId());
  });
});

describe('at 100,000 ids a run stays within', () => {
  let listing: Awaited<ReturnType<typeof writeLargeListing>>;

  beforeAll(async () => {
    listing = await writeLargeListing(IDS);
  });

  it('its budget of history, payloads and rows', async () => {
    const { status, ...figures } = await runStateMachineOver(listing.batches, { deferralsOfEach: 0 });
    expect(status).toBe('SUCCEEDED');
    const { largestRowBytes } = listing;
    expectWithin(budgets.hundredThousandIds, { ...figures, largestRowBytes });
  });

  it('the limit of the history of Step Functions, even if every batch has to wait for GitHub', async () => {
    const { status, historyEvents } = await runStateMachineOver(listing.batches, { deferralsOfEach: 1 });
    expect(status).toBe('SUCCEEDED');
    expect(historyEvents).toBeLessThan(MAX_HISTORY_EVENTS);
  });

  it('the limits of the history and of payloads, even if every batch fails with a long error', async () => {
    const { status, historyEvents, largestPayloadBytes } = await runStateMachineOver(
      listing.batches,
      'every batch fails',
    );
    expect(status).toBe('SUCCEEDED');
    expect(historyEvents).toBeLessThan(MAX_HISTORY_EVENTS);
    expect(largestPayloadBytes).toBeLessThan(PAYLOAD_LIMIT_BYTES);
  });
});
