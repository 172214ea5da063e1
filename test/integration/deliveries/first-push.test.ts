import { describe, expect, it } from 'vitest';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { commit, createEmpty } from '../github/support.ts';
import { mirrorItems } from '../synchronization/mirrored-bank.ts';
import { freshMirrorOf, itemText } from '../synchronization/support.ts';
import { openWorker } from './support.ts';

const newTable = useDynamoDb();
const NO_COMMIT = '0'.repeat(40);

describe('the first push to a branch', () => {
  it.each([
    ['of a repository', 'main', { isEmpty: true, defaultBranchRef: null, creating: [] }],
    ['that is new', 'create_glindqvist', { isEmpty: false, creating: [] }],
  ])('%s returns while GitHub does not show its commit', async (_, branch, shown) => {
    const { bank, nextRun } = await mirrorItems(newTable, 1);
    const run = await nextRun();
    const { handle } = openWorker(run);
    const item = await createEmpty(bank, 'item-2');
    if (branch !== 'main') await commit(bank, item, { path: 'README.md', content: 'An item' });
    const onBranch = branch === 'main' ? {} : { branch };
    const { commit: after } = await commit(bank, item, { ...onBranch, content: itemText('2') });
    const message = { itemBankId: item.itemBankId, before: NO_COMMIT, after };

    const { creating, ...fields } = shown;
    const asBefore = (answer: unknown) =>
      JSON.parse(JSON.stringify(answer), (key, value) => {
        if (key === 'creating' && value?.nodes) return { ...value, nodes: creating };
        return value?.name === 'item-2' && value.owner ? { ...value, ...fields } : value;
      });
    bank.site.fail({
      method: 'POST',
      pathPrefix: '/graphql',
      times: Infinity,
      outcome: { change: asBefore },
    });
    expect(await handle(message)).toEqual([0]);

    bank.site.mend();
    expect(await handle(message)).toEqual([]);
    expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });
});
