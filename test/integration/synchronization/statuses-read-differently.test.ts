import { describe, expect, it, vi } from 'vitest';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { asEarlierFields } from '../../support/earlier-release.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { nightlyRuns } from '../../support/run.ts';
import { commit, onDay } from '../github/support.ts';
import { createItem, freshMirrorOf, itemText, mirrored, startEmptyBank, withStatus } from './support.ts';

// As if this release had raised STATUSES_SINCE, but not COMMITS_SINCE.
vi.mock('../../../functions/mirror/mirror-rows.ts', async (importOriginal) => ({
  ...(await importOriginal<typeof import('../../../functions/mirror/mirror-rows.ts')>()),
  areStatusesKnown: () => false,
}));

const newTable = useDynamoDb();

describe('a release that reads only the workflow status of a revision differently', () => {
  it('reads the status of every version again', async () => {
    const bank = await startEmptyBank();
    const item = await createItem(bank, 'item-1', itemText('1', withStatus('Draft')));
    await commit(bank, item, { content: itemText('1', withStatus('Review')), author: onDay(2) });
    const nextRun = nightlyRuns({ newTable, bank });
    const { itemsTable } = (await nextRun()).dependencies;
    await asEarlierFields(itemsTable);
    const night = await nextRun();
    expect(night.exit.exitMessage).toContain('derived: 1');
    expect((await mirrored(night, item)).revisions).toMatchObject([
      { workflowStatus: 'Draft' },
      { workflowStatus: 'Review' },
    ]);
    expect(await mirrorOf(itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });
});
