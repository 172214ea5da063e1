import { describe, expect, it } from 'vitest';
import { readMirror } from '../../../functions/mirror/read-mirror.ts';
import { itemBankId } from '../../../functions/shared/contract/ids.ts';
import { ORGANIZATION, ROUTES } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { changeRow, mirrorOf } from '../../support/items-table.ts';
import { mirrorItems } from '../synchronization/mirrored-bank.ts';
import { openWorker } from './support.ts';

const newTable = useDynamoDb();
const PLACE = { owner: ORGANIZATION, repo: 'item-1' };
const NOT_FOUND = { status: 404, body: { message: 'Not Found' } } as const;

/** A bank of items that a run has mirrored, and a worker that may remove half of them. */
async function mirroredBank(overrides: Parameters<typeof openWorker>[1] = {}, items = 4) {
  const { bank, item, run, nextRun } = await mirrorItems(newTable, items);
  const { itemsTable } = run.dependencies;
  bank.requests(ROUTES.repositoryById);
  const isMirrored = async () => (await readMirror(itemsTable, [item.itemBankId])).size > 0;
  const worker = openWorker(run, { limitPercent: 50, ...overrides });
  const announce = (action: 'deleted' | 'transferred') =>
    worker.handle({ itemBankId: item.itemBankId, event: 'repository', action });
  return { bank, item, run, nextRun, itemsTable, isMirrored, announce, ...worker };
}

describe('a delivery that a repository is gone', () => {
  it.each([
    ['deleted', 'DELETED'],
    ['transferred', 'TRANSFERRED'],
  ] as const)('removes its item once GitHub has confirmed it: %s', async (action, reason) => {
    const { bank, run, announce, isMirrored } = await mirroredBank();
    if (action === 'deleted') await bank.github.rest.repos.delete(PLACE);
    else await bank.github.rest.repos.transfer({ ...PLACE, new_owner: 'another-bank' });
    expect(await announce(action)).toEqual([]);
    expect(await isMirrored()).toBe(false);
    expect(run.events.at(-1)).toMatchObject({ type: 'ItemRemoved', detail: { cause: 'delivery', reason } });
    expect(run.log.messages()).toContainEqual(expect.stringMatching(/^removed the item of item bank id \d+/));
  });

  it('changes nothing if the repository is in the bank, as after a restoration', async () => {
    const { announce, handle, item, itemsTable } = await mirroredBank();
    const before = await mirrorOf(itemsTable);
    const deleted = { itemBankId: item.itemBankId, event: 'repository', action: 'deleted' };
    expect(await handle({ ...deleted, receiveCount: 5 })).toEqual([]);
    expect(await announce('transferred')).toEqual([]);
    expect(await mirrorOf(itemsTable)).toEqual(before);
  });

  it('returns while GitHub still shows the repository, and then removes its item', async () => {
    const { bank, announce, isMirrored } = await mirroredBank();
    expect(await announce('deleted')).toEqual([0]);
    await bank.github.rest.repos.delete(PLACE);
    expect(await announce('deleted')).toEqual([]);
    expect(await isMirrored()).toBe(false);
  });

  it('changes nothing after a single 404, which may be a mistake', async () => {
    const { bank, announce, isMirrored } = await mirroredBank();
    bank.site.fail({ method: 'GET', pathPrefix: '/repositories/', outcome: NOT_FOUND });
    expect(await announce('deleted')).toEqual([0]);
    expect(await isMirrored()).toBe(true);
    expect(bank.requests(ROUTES.repositoryById)).toBe(2);
  });

  it('removes as many items as before a dry run that found fewer repositories', async () => {
    const { bank, nextRun, announce, isMirrored } = await mirroredBank({}, 2);
    await bank.github.rest.repos.delete(PLACE);
    await nextRun({ options: { dryRun: true } });
    expect(await announce('deleted')).toEqual([]);
    expect(await isMirrored()).toBe(false);
  });

  it('leaves the item to the next full run if nothing proves that the token sees every repository', async () => {
    const { bank, run, announce, isMirrored } = await mirroredBank();
    await bank.github.rest.repos.delete(PLACE);
    bank.site.fail({
      method: 'GET',
      pathPrefix: `/orgs/${ORGANIZATION}`,
      times: Infinity,
      outcome: { change: (answer) => ({ ...(answer as object), total_private_repos: 99 }) },
    });
    expect(await announce('deleted')).toEqual([]);
    expect(await isMirrored()).toBe(true);
    expect(run.log.messages()).toContainEqual(
      expect.stringMatching(
        /^left the removal of item bank id \d+ \(item-1\) to the next full run: the token/,
      ),
    );
  });

  it('leaves the other items of the batch alone if GitHub refuses to answer about the organization', async () => {
    const { bank, item, handle, isMirrored, run } = await mirroredBank();
    await bank.github.rest.repos.delete(PLACE);
    const [other] = (await bank.github.rest.repos.listForOrg({ org: ORGANIZATION })).data;
    bank.site.fail({
      method: 'GET',
      pathPrefix: `/orgs/${ORGANIZATION}`,
      times: Infinity,
      outcome: { status: 403, body: { message: 'Resource protected by organization SAML enforcement.' } },
    });
    const announced = { itemBankId: item.itemBankId, event: 'repository', action: 'deleted' };
    expect(await handle(announced, { itemBankId: itemBankId(other?.id ?? 0) })).toEqual([0]);
    expect(await handle({ ...announced, receiveCount: 5 })).toEqual([]);
    expect(await isMirrored()).toBe(true);
    expect(run.log.messages()).toContain('handled 1 of 2 item bank ids of 2 deliveries, unchanged: 1');
  });

  it('returns with all others if GitHub rejects the credentials, however often it was received', async () => {
    const { bank, item, handle, isMirrored } = await mirroredBank();
    await bank.github.rest.repos.delete(PLACE);
    bank.site.fail({
      method: 'GET',
      pathPrefix: `/orgs/${ORGANIZATION}`,
      times: Infinity,
      outcome: { status: 401, body: { message: 'Bad credentials' } },
    });
    const announced = { itemBankId: item.itemBankId, event: 'repository', action: 'deleted' };
    expect(await handle({ ...announced, receiveCount: 5 })).toEqual([0]);
    bank.site.mend();
    expect(await handle({ ...announced, receiveCount: 6 })).toEqual([]);
    expect(await isMirrored()).toBe(false);
  });

  it('leaves an item that was synchronized after GitHub was asked, and returns', async () => {
    const { bank, item, itemsTable, announce, isMirrored } = await mirroredBank();
    await bank.github.rest.repos.delete(PLACE);
    const comeBack = async (answer: unknown) => {
      await changeRow(itemsTable, item);
      return answer;
    };
    bank.site.fail({ method: 'GET', pathPrefix: `/orgs/${ORGANIZATION}`, outcome: { change: comeBack } });
    expect(await announce('deleted')).toEqual([0]);
    expect(await isMirrored()).toBe(true);
  });

  it('leaves the item if removals are switched off', async () => {
    const { bank, announce, isMirrored } = await mirroredBank({ removalEnabled: false });
    await bank.github.rest.repos.delete(PLACE);
    expect(await announce('deleted')).toEqual([]);
    expect(await isMirrored()).toBe(true);
  });

  it('leaves the rest once as many items are removed as one run may remove, until the next full run', async () => {
    const { bank, run, handle, nextRun, itemsTable } = await mirroredBank();
    const { data } = await bank.github.rest.repos.listForOrg({ org: ORGANIZATION });
    const gone = data.filter(({ name }) => name !== 'item-4');
    for (const { name } of gone) await bank.github.rest.repos.delete({ owner: ORGANIZATION, repo: name });
    const announced = gone.map(({ id }) => ({
      itemBankId: itemBankId(id),
      event: 'repository',
      action: 'deleted',
    }));
    expect(await handle(...announced)).toEqual([]);
    expect((await mirrorOf(itemsTable)).filter(({ sk }) => sk === 'ITEM')).toHaveLength(2);
    expect(run.log.messages()).toContainEqual(
      expect.stringContaining(
        'deliveries may remove no more items before the next full run (limit: 50 percent of the bank as last listed, rounded down)',
      ),
    );
    const { exit } = await nextRun({ overrides: { limitPercent: 100 } });
    expect(exit.exitMessage).toContain('removed: 1');
  });

  it('removes nothing before a run has listed the bank', async () => {
    const { bank, item, run, isMirrored } = await mirroredBank();
    await bank.github.rest.repos.delete(PLACE);
    const executionsTable = await newTable();
    const { handle } = openWorker(run, { limitPercent: 100, executionsTable });
    expect(await handle({ itemBankId: item.itemBankId, event: 'repository', action: 'deleted' })).toEqual([]);
    expect(await isMirrored()).toBe(true);
  });
});
