import { describe, expect, it } from 'vitest';
import { ITEM_KEYS } from '../../../functions/mirror/mirror-rows.ts';
import { readMirror } from '../../../functions/mirror/read-mirror.ts';
import { itemBankId } from '../../../functions/shared/contract/ids.ts';
import { putRows } from '../../../functions/shared/dynamodb.ts';
import { ORGANIZATION, ROUTES, takeDown } from '../../support/bank.ts';
import { MINUTE_MS } from '../../support/clock.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { beginRun } from '../../support/run.ts';
import { commit } from '../github/support.ts';
import { mirrorItems } from '../synchronization/mirrored-bank.ts';
import { createItem, freshMirrorOf, itemText, mirrored, withStatus } from '../synchronization/support.ts';
import { openWorker } from './support.ts';

const newTable = useDynamoDb();
const NOT_FOUND = { status: 404, body: { message: 'Not Found' } } as const;

/** A bank of three items that a run has mirrored, and a worker. */
async function mirroredBank(overrides: Parameters<typeof openWorker>[1] = {}) {
  const { bank, item, run, nextRun } = await mirrorItems(newTable, 3);
  const { itemsTable } = run.dependencies;
  bank.requests(ROUTES.graphql);
  bank.requests(ROUTES.repositoryById);
  const change = (status: string) => commit(bank, item, { content: itemText('1', withStatus(status)) });
  const isFresh = async () => expect(await mirrorOf(itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  return { bank, item, nextRun, run, itemsTable, change, isFresh, ...openWorker(run, overrides) };
}

describe('a delivery', () => {
  it('of a push brings the item up to date, and publishes the change', async () => {
    const { item, run, change, handle, isFresh } = await mirroredBank();
    const { commit: head } = await change('Draft');
    expect(await handle({ itemBankId: item.itemBankId })).toEqual([]);
    expect(await mirrored(run, item)).toMatchObject({ item: { headCommit: head } });
    expect(run.events.at(-1)).toMatchObject({ type: 'ItemUpdated', detail: { cause: 'delivery' } });
    await isFresh();
  });

  it('is handled together with others about the same item, in one query', async () => {
    const { bank, item, change, handle, run } = await mirroredBank();
    await change('Draft');
    const { itemBankId: id } = item;
    expect(await handle({ itemBankId: id }, { itemBankId: id }, { itemBankId: id })).toEqual([]);
    // Its head, its history, its text, and its head once more.
    expect(bank.requests(ROUTES.graphql)).toBe(4);
    expect(bank.requests(ROUTES.repositoryById)).toBe(0);
    expect(run.log.messages()).toContain('handled 1 of 1 item bank ids of 3 deliveries, updated: 1');
  });

  it('changes nothing if the item is up to date already, as after a replay', async () => {
    const { item, handle, isFresh, run } = await mirroredBank();
    const events = run.events.length;
    expect(await handle({ itemBankId: item.itemBankId })).toEqual([]);
    expect(run.events).toHaveLength(events);
    await isFresh();
  });

  it('of a new repository creates its item', async () => {
    const { bank, handle, isFresh } = await mirroredBank();
    const created = await createItem(bank, 'item-4', itemText('4'));
    const { itemBankId: id } = created;
    expect(
      await handle({ itemBankId: id, event: 'repository', action: 'created' }, { itemBankId: id }),
    ).toEqual([]);
    await isFresh();
  });

  it('of a renamed repository follows the name', async () => {
    const { bank, item, handle, isFresh } = await mirroredBank();
    await bank.github.rest.repos.update({ owner: ORGANIZATION, repo: 'item-1', name: 'item-9' });
    expect(await handle({ itemBankId: item.itemBankId, event: 'repository', action: 'renamed' })).toEqual([]);
    await isFresh();
  });

  it('about a repository that GitHub does not have is handled, and changes nothing', async () => {
    const { handle, isFresh } = await mirroredBank();
    expect(await handle({ itemBankId: itemBankId(999_999), event: 'delete' })).toEqual([]);
    await isFresh();
  });

  it('about an ignored repository is handled, and changes nothing', async () => {
    const { bank, handle, itemsTable } = await mirroredBank({ ignored: new Set(['docs']) });
    const docs = await createItem(bank, 'docs', itemText('4'));
    const before = await mirrorOf(itemsTable);
    expect(await handle({ itemBankId: docs.itemBankId })).toEqual([]);
    expect(await mirrorOf(itemsTable)).toEqual(before);
  });

  it('that the webhook was deleted checks the repository at once, so that the next run creates it', async () => {
    const { bank, item, handle, itemsTable, nextRun } = await mirroredBank();
    const repository = { owner: ORGANIZATION, repo: 'item-1' };
    const { data } = await bank.github.rest.repos.listWebhooks(repository);
    for (const { id } of data) await bank.github.rest.repos.deleteWebhook({ ...repository, hook_id: id });
    expect(await handle({ itemBankId: item.itemBankId, event: 'meta', action: 'deleted' })).toEqual([]);
    const row = (await readMirror(itemsTable, [item.itemBankId])).get(item.itemBankId);
    expect(row?.webhook).toMatchObject({ state: 'missing' });
    expect((await nextRun()).log.messages()).toContainEqual(
      expect.stringContaining('created the project webhook of item bank id'),
    );
  });

  it('is handled while a run is in progress', async () => {
    const { bank, item, run, change, isFresh } = await mirroredBank();
    const { dependencies, clock } = run;
    const next = await beginRun({ newTable, bank, tables: dependencies, clock });
    await next.list();
    await change('Draft');
    const { handle } = openWorker(next);
    const [returned] = await Promise.all([handle({ itemBankId: item.itemBankId }), next.batches()]);
    expect(returned).toEqual([]);
    await isFresh();
  });
});

describe('a delivery that overtakes the API of GitHub', () => {
  it.each([1, 2])('of a push returns while GitHub shows the commit before: %i pushes', async (pushes) => {
    const { bank, item, run, itemsTable, change, handle, isFresh } = await mirroredBank();
    const { itemBankId: id } = item;
    const row = (await readMirror(itemsTable, [id])).get(id);
    const { headCommit = '', blobOid = '' } = row ?? {};
    const first = await change('Draft');
    const last = pushes === 1 ? first : await change('Final');
    const shown = pushes === 1 ? { commit: headCommit, blob: blobOid } : first;
    const asBefore = (answer: unknown) =>
      JSON.parse(
        JSON.stringify(answer).replaceAll(last.commit, shown.commit).replaceAll(last.blob, shown.blob),
      );
    bank.site.fail({ method: 'POST', pathPrefix: '/graphql', times: 4, outcome: { change: asBefore } });
    const messages = [
      { itemBankId: id, before: headCommit, after: first.commit },
      { itemBankId: id, before: first.commit, after: last.commit },
    ].slice(0, pushes);
    expect(await handle(...messages)).toEqual(messages.map((_, index) => index));
    bank.site.mend();
    expect(await handle(...messages)).toEqual([]);
    expect(await mirrored(run, item)).toMatchObject({ item: { headCommit: last.commit } });
    await isFresh();
  });

  it('of a push that another one has taken back is handled', async () => {
    const { item, itemsTable, handle } = await mirroredBank();
    const { itemBankId: id } = item;
    const { headCommit = '' } = (await readMirror(itemsTable, [id])).get(id) ?? {};
    const pushed = { itemBankId: id, before: headCommit, after: 'a'.repeat(40) };
    const takenBack = { itemBankId: id, before: pushed.after, after: pushed.before };
    expect(await handle(takenBack, pushed)).toEqual([]);
  });

  it.each([
    ['of a push', {}],
    ['of a creation', { event: 'repository', action: 'created' }],
  ])('%s returns while GitHub does not find the repository, five times at most', async (_, event) => {
    const { bank, handle, isFresh } = await mirroredBank();
    const { itemBankId: id } = await createItem(bank, 'item-4', itemText('4'));
    bank.site.fail({ method: 'GET', pathPrefix: '/repositories/', times: Infinity, outcome: NOT_FOUND });
    expect(await handle({ itemBankId: id, ...event, receiveCount: 4 })).toEqual([0]);
    expect(await handle({ itemBankId: id, ...event, receiveCount: 5 })).toEqual([]);
    bank.site.mend();
    expect(await handle({ itemBankId: id, ...event })).toEqual([]);
    await isFresh();
  });
});

describe('messages that cannot be handled', () => {
  it('return alone, and later each time', async () => {
    const { bank, item, handle, delays, change } = await mirroredBank();
    await change('Draft');
    takeDown(bank.site);
    const { itemBankId: id } = item;
    expect(await handle({ itemBankId: id }, { itemBankId: id, receiveCount: 4 })).toEqual([0, 1]);
    expect(delays.get('receipt-0')).toBeGreaterThanOrEqual(30);
    expect(delays.get('receipt-1')).toBeGreaterThanOrEqual(240);
  });

  it('are handled once GitHub answers again, ten minutes later', async () => {
    const { bank, item, run, handle, delays, change, isFresh } = await mirroredBank();
    await change('Draft');
    takeDown(bank.site);
    const downUntil = run.clock.now().getTime() + 10 * MINUTE_MS;
    let receiveCount = 0;
    do {
      receiveCount += 1;
      if (run.clock.now().getTime() >= downUntil) bank.site.mend();
      const [returned] = await handle({ itemBankId: item.itemBankId, receiveCount });
      if (returned === undefined) break;
      run.clock.advance((delays.get('receipt-0') ?? 0) * 1_000);
    } while (receiveCount < 10);
    // After ten receipts, the message would be in the dead-letter queue.
    expect(receiveCount).toBeLessThan(9);
    await isFresh();
  });

  it('return after a failure of one repository that may pass, and are left to the next run after five attempts', async () => {
    const { bank, item, handle, run } = await mirroredBank();
    const refused = {
      status: 200,
      body: { data: { nodes: [null] }, errors: [{ path: ['nodes', 0], message: 'x' }] },
    };
    bank.site.fail({ method: 'POST', pathPrefix: '/graphql', times: Infinity, outcome: refused });
    const { itemBankId: id } = item;
    const gaveUp = expect.stringMatching(
      `^gave up on item bank id ${id} after 5 attempts; the next full run compares it: .+`,
    );
    expect(await handle({ itemBankId: id, receiveCount: 4 })).toEqual([0]);
    expect(run.log.messages()).not.toContainEqual(gaveUp);
    expect(await handle({ itemBankId: id, receiveCount: 5 })).toEqual([]);
    expect(run.log.lines).toContainEqual(expect.objectContaining({ level: 'WARN', message: gaveUp }));
  });

  it('return without those that are found already, if looking up repositories takes too long', async () => {
    let usedMs = 0;
    const { bank, item, change, handle, run } = await mirroredBank({
      remainingTimeMs: () => 300_000 - usedMs,
      limitPercent: 50,
    });
    const { commit: head } = await change('Draft');
    const place = { owner: ORGANIZATION, repo: 'item-2' };
    const { data: gone } = await bank.github.rest.repos.get(place);
    await bank.github.rest.repos.delete(place);
    const slow = (answer: unknown) => {
      usedMs += 2_000;
      return answer;
    };
    bank.site.fail({
      method: 'GET',
      pathPrefix: '/repositories/',
      times: Infinity,
      outcome: { change: slow },
    });
    const deleted = { itemBankId: itemBankId(gone.id), event: 'repository', action: 'deleted' };
    const unknown = Array.from({ length: 60 }, (_, index) => ({
      itemBankId: itemBankId(900_000 + index),
      event: 'delete',
    }));
    const returned = await handle({ itemBankId: item.itemBankId }, deleted, ...unknown);
    expect(returned).toContain(61);
    expect(returned).not.toContain(0);
    expect(returned).not.toContain(1);
    expect(await mirrored(run, item)).toMatchObject({ item: { headCommit: head } });
  });

  it('return without the others: one that is not JSON, and one about an item whose row cannot be read', async () => {
    const { bank, item, handle, itemsTable, change, run } = await mirroredBank();
    const { data } = await bank.github.rest.repos.get({ owner: ORGANIZATION, repo: 'item-2' });
    await putRows(itemsTable, [{ ...ITEM_KEYS.item(itemBankId(data.id)), version: 'x' }]);
    const { commit: head } = await change('Draft');
    expect(
      await handle({ body: 'poison' }, { itemBankId: itemBankId(data.id) }, { itemBankId: item.itemBankId }),
    ).toEqual([0, 1]);
    expect(await mirrored(run, item)).toMatchObject({ item: { headCommit: head } });
    expect(run.log.lines.filter(({ level }) => level === 'ERROR')).toHaveLength(2);
  });
});

describe('the metrics of a batch', () => {
  it('count its deliveries, not its items: synchronized, returned and failed', async () => {
    const { bank, item, handle, metrics } = await mirroredBank();
    const invalid = await createItem(bank, 'item-4', 'not JSON');
    const { itemBankId: id } = item;
    await handle({ itemBankId: id }, { itemBankId: id }, { itemBankId: invalid.itemBankId }, { body: '{' });
    expect(metrics).toEqual([
      { values: { DeliveriesSynchronized: 2, DeliveriesReturned: 1, DeliveriesFailed: 1 } },
    ]);
  });

  it('count a delivery that is given up as failed', async () => {
    const { bank, handle, metrics } = await mirroredBank();
    const { itemBankId: id } = await createItem(bank, 'item-4', itemText('4'));
    bank.site.fail({ method: 'GET', pathPrefix: '/repositories/', times: Infinity, outcome: NOT_FOUND });
    await handle({ itemBankId: id, receiveCount: 4 });
    await handle({ itemBankId: id, receiveCount: 5 });
    const none = { DeliveriesSynchronized: 0, DeliveriesReturned: 0, DeliveriesFailed: 0 };
    expect(metrics.map(({ values }) => values)).toEqual([
      { ...none, DeliveriesReturned: 1 },
      { ...none, DeliveriesFailed: 1 },
    ]);
  });
});
