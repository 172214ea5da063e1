import { expect, it } from 'vitest';
import { changesOf, forbid, freshMirrorOf, TEXTS } from '../integration/synchronization/support.ts';
import { requestsTo, startBank } from '../support/bank.ts';
import { useDynamoDb } from '../support/dynamodb.ts';
import { asEarlierFields, asVersion2 } from '../support/earlier-release.ts';
import { mirrorOf } from '../support/items-table.ts';
import { nightlyRuns } from '../support/run.ts';

const newTable = useDynamoDb();

/** So many that the few requests which do not depend on their number are less than a tenth of all. */
const REPOSITORIES = 75;

async function nights(makeEarlier: typeof asVersion2) {
  const bank = await startBank({ repositories: REPOSITORIES, withoutProjectWebhook: 0 });
  const nextRun = nightlyRuns({ newTable, bank });
  await nextRun();
  const requestsOf = async () => {
    const before = requestsTo(bank.site);
    const night = await nextRun();
    return { night, requests: requestsTo(bank.site) - before };
  };
  const quiet = await requestsOf();
  const { itemsTable } = quiet.night.dependencies;
  await makeEarlier(itemsTable);
  forbid(bank, TEXTS);
  const first = await requestsOf();
  bank.site.mend();
  return { bank, quiet, first, itemsTable, next: await requestsOf() };
}

it.each([
  ['needs more of each commit than is stored', asVersion2, Math.ceil(REPOSITORIES / 25) + 1],
  ['has all of each commit', asEarlierFields, 0],
])(
  'the first run of a release that reads items differently asks GitHub for no version of item.json, if it %s',
  async (_, makeEarlier, histories) => {
    const { bank, quiet, first, itemsTable, next } = await nights(makeEarlier);
    expect(first.night.exit).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: expect.stringContaining('created: 0, updated: 0, unchanged: 0,'),
    });
    expect(first.night.exit.exitMessage).toContain(`derived: ${REPOSITORIES}`);
    expect(new Set(changesOf(first.night))).toEqual(new Set(['ItemUpdated: release']));
    expect(changesOf(first.night)).toHaveLength(REPOSITORIES);
    // The heads of each batch that was written are read again.
    expect(first.requests).toBeLessThanOrEqual(quiet.requests + histories + 2);
    expect(first.requests).toBeLessThanOrEqual(1.1 * quiet.requests);
    expect(await mirrorOf(itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
    expect(await first.night.items()).toEqual([]);
    expect(next.night.exit.exitMessage).toContain(`unchanged: ${REPOSITORIES}`);
    expect(next.requests).toBe(quiet.requests);
  },
);
