import { describe, expect, it } from 'vitest';
import { readHistories, readRestOfHistory } from '../../../functions/github/histories.ts';
import { type Deferral, DeferredError } from '../../../functions/shared/deferral.ts';
import { ROUTES, startBank } from '../../support/bank.ts';
import { atHeads, historyOf, shasOf } from './history-support.ts';
import {
  answering,
  commit,
  contextOf,
  createEmpty,
  graphqlFailure,
  listed,
  manyPages,
  onDay,
  pageOf,
} from './support.ts';

const DEFERRAL: Deferral = { kind: 'out-of-time', resumeAt: new Date(0), message: 'no time is left' };
const EMPTY = { repositories: 0, withoutProjectWebhook: 0 };

describe('the pages of a history', () => {
  it('reads the first page of each history, and further pages of a long one alone', async () => {
    const bank = await startBank(EMPTY);
    const [long, short] = [await createEmpty(bank, 'item-1'), await createEmpty(bank, 'item-2')];
    const shas: string[] = [];
    for (let edition = 1; edition <= 201; edition += 1) {
      shas.push(
        (await commit(bank, long, { content: `{"edition":${edition}}`, author: onDay(edition) })).commit,
      );
    }
    const { commit: only } = await commit(bank, short);
    const wanted = await atHeads(bank, [long, short]);
    const histories = await readHistories(contextOf(bank), wanted);
    expect(bank.requests(ROUTES.graphql)).toBe(1);
    expect(shasOf(histories.get(short.itemBankId))).toEqual([only]);
    const begun = histories.get(long.itemBankId);
    if (begun?.kind !== 'open') throw new Error('201 commits have more than one page.');
    expect(shasOf(await readRestOfHistory(contextOf(bank), begun.history))).toEqual(shas);
    expect(bank.requests(ROUTES.graphql)).toBe(2);
  });

  it.each([
    ['reads 5,000 commits', 50, { kind: 'read' }, 50],
    ['fails if there are more, and reads no further', 51, { failure: { reason: 'HISTORY_TOO_LONG' } }, 50],
  ])('%s', async (_, pages, expected, queries) => {
    const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 });
    const [wanted] = await atHeads(bank, await listed(bank));
    if (!wanted) throw new Error('The bank has one.');
    bank.site.fail(graphqlFailure({ change: manyPages(pages) }, { times: Infinity }));
    expect(await historyOf(bank, wanted)).toMatchObject(expected);
    expect(bank.requests(ROUTES.graphql)).toBe(queries);
  });

  it('stops between pages if it is told to', async () => {
    const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 });
    const [wanted] = await atHeads(bank, await listed(bank));
    if (!wanted) throw new Error('The bank has one.');
    bank.site.fail(graphqlFailure({ change: manyPages() }, { times: Infinity }));
    const begun = (await readHistories(contextOf(bank), [wanted])).get(wanted.itemBankId);
    if (begun?.kind !== 'open') throw new Error('There is always another page.');
    const sent = () => bank.site.traffic.requests.get(ROUTES.graphql) ?? 0;
    const before = sent();
    const stop = () => (sent() < before + 2 ? undefined : DEFERRAL);
    bank.requests(ROUTES.graphql);
    const rest = readRestOfHistory({ ...contextOf(bank), stop }, begun.history);
    await expect(rest).rejects.toThrow(new DeferredError(DEFERRAL));
    expect(bank.requests(ROUTES.graphql)).toBe(2);
  });

  it.each([
    ['announces another page without a cursor', { hasNextPage: true, endCursor: null }, 1],
    ['returns the same cursor again', { hasNextPage: true, endCursor: 'again' }, 2],
  ])('fails if GitHub %s', async (_, pageInfo, requests) => {
    const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 });
    const [wanted] = await atHeads(bank, await listed(bank));
    if (!wanted) throw new Error('The bank has one.');
    bank.site.fail(graphqlFailure(answering(pageOf([], pageInfo)), { times: Infinity }));
    expect(await historyOf(bank, wanted)).toMatchObject({ failure: { reason: 'GITHUB_ERROR' } });
    expect(bank.requests(ROUTES.graphql)).toBe(requests);
  });
});
