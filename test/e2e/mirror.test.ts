import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allRows } from '../support/dynamodb.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';
import { type Authors, authorsOf } from './support.ts';

/** The tests run one after another on one bank: each begins where the one before it ended. */
describe('the mirror of the bank', () => {
  let embedded: Embedded;
  let authors: Authors;
  let repositories: { id: number; name: string }[];

  beforeAll(async () => {
    embedded = await startEmbedded();
    authors = authorsOf(embedded);
    repositories = await authors.repositories();
  });
  afterAll(() => embedded?.close());

  const itemRows = async () => (await allRows(embedded.items)).filter(({ sk }) => sk === 'ITEM');
  const repositoryOf = (index: number) => repositories[index] ?? { id: 0, name: '' };

  it('has every item after the first run', async () => {
    expect(await embedded.run()).toMatchObject({ exitCode: 'COMPLETED', counts: { total: 12, created: 12 } });
    expect((await itemRows()).map(({ itemBankId }) => itemBankId).sort()).toEqual(
      repositories.map(({ id }) => id).sort(),
    );
  });

  it('can be read with the read scope only', async () => {
    const { id, name } = repositoryOf(0);
    const token = await embedded.token('item-sync/read');
    const answer = await embedded.get(`/items/${id}`, { token });
    const { item } = await authors.readItem(name);
    expect(answer).toMatchObject({
      status: 200,
      body: { itemBankId: id, repository: name, mirrored: true, itemJson: item },
    });
    expect(await embedded.get(`/items?itemId=${item['id']}`, { token })).toMatchObject({
      status: 200,
      body: { items: [{ itemBankId: id }] },
    });
    expect((await embedded.get('/items/1', { token })).body).toMatchObject({ code: 'ITEM_NOT_FOUND' });
    expect((await embedded.get('/items?name=1', { token })).body).toMatchObject({ code: 'REQUEST_INVALID' });

    const syncToken = await embedded.token('item-sync/sync');
    for (const path of [`/items/${id}`, '/items']) {
      expect((await embedded.get(path, { token: syncToken })).status).toBe(403);
      expect((await embedded.get(path, { token: '' })).status).toBe(401);
    }
    expect((await embedded.post(`/sync/${id}`, { token })).status).toBe(403);
  });

  it('is not changed by a run that finds no changes', async () => {
    const before = await allRows(embedded.items);
    expect(await embedded.run()).toMatchObject({ counts: { unchanged: 12 } });
    expect(shown(await allRows(embedded.items))).toEqual(shown(before));
  });

  it('shows a commit after the item is synchronized', async () => {
    const { id, name } = repositoryOf(1);
    const { commit, item } = await authors.changeItem(name, { workflow: { workflowStatusCode: 'Retired' } });
    expect(await embedded.post(`/sync/${id}`)).toMatchObject({
      status: 200,
      body: { itemBankId: id, repository: name, outcome: 'updated', webhook: 'present', dryRun: false },
    });
    expect(await embedded.get(`/items/${id}`)).toMatchObject({
      body: { item: { headCommit: commit, workflowStatus: 'Retired' }, itemJson: item },
    });
    expect((await embedded.post('/sync/1')).body).toMatchObject({ code: 'ITEM_BANK_ID_UNKNOWN' });
  });

  it('is not changed by a dry run, which reports what a run would do', async () => {
    await authors.deleteRepository(repositoryOf(2).name);
    const before = await allRows(embedded.items);
    const { exitMessage } = await embedded.run({ dryRun: true });
    expect(exitMessage).toContain('unchanged: 11, removed: 1,');
    expect(exitMessage).toContain('dry run: nothing was written');
    expect(await allRows(embedded.items)).toEqual(before);
  });

  it('loses an item whose repository is gone', async () => {
    expect(await embedded.run()).toMatchObject({ exitCode: 'COMPLETED', counts: { total: 11, removed: 1 } });
    expect((await embedded.get(`/items/${repositoryOf(2).id}`)).status).toBe(404);
    const left = await allRows(embedded.items);
    expect(left.filter(({ itemBankId }) => itemBankId === repositoryOf(2).id)).toEqual([]);
  });

  it('keeps all items while more are gone than the removal limit allows, until a caller raises the limit', async () => {
    for (const index of [3, 4, 5]) await authors.deleteRepository(repositoryOf(index).name);
    const stopped = await embedded.run();
    expect(stopped.exitCode).toBe('COMPLETED_WITH_FAILURES');
    expect(stopped.exitMessage).toContain(
      'removal stopped: 3 of 11 items would be removed, more than 10 percent',
    );
    expect(await itemRows()).toHaveLength(11);

    const allowed = await embedded.run({ removalLimitPercent: 60 });
    expect(allowed).toMatchObject({ exitCode: 'COMPLETED', counts: { removed: 3 } });
    expect(await itemRows()).toHaveLength(8);
  });

  it('has published every change, and the end of every run that was not a dry run', async () => {
    const events = await embedded.changeEvents();
    const counts = Object.groupBy(events, ({ type }) => type);
    expect(Object.entries(counts).map(([type, published]) => [type, published.length])).toEqual([
      ['ItemCreated', 12],
      ['SyncCompleted', 5],
      ['ItemUpdated', 1],
      ['ItemRemoved', 4],
    ]);
    expect(counts.ItemUpdated).toMatchObject([{ detail: { itemBankId: repositoryOf(1).id, version: 2 } }]);
    expect(counts.ItemRemoved?.[0]).toMatchObject({
      detail: { itemBankId: repositoryOf(2).id, reason: 'DELETED' },
    });
    expect(counts.SyncCompleted?.map(({ detail }) => detail)).toMatchObject([
      { jobExecutionId: 1 },
      { jobExecutionId: 2 },
      { jobExecutionId: 4 },
      { jobExecutionId: 5, exitCode: 'COMPLETED_WITH_FAILURES' },
      { jobExecutionId: 6, exitCode: 'COMPLETED' },
    ]);
  });

  // The last test, because all functions keep to the wait.
  it('answers 503 with the time to retry while GitHub asks to wait', async () => {
    const outcome = { status: 429, headers: { 'retry-after': '3600' }, body: { message: 'slow down' } };
    embedded.github.fail({ method: 'GET', pathPrefix: '/repositories/', outcome });
    const { status, headers, body } = await embedded.post(`/sync/${repositoryOf(1).id}`);
    const { code, retryAfterSeconds: seconds } = body;
    expect({ status, code, retryAfter: headers.get('retry-after') }).toEqual({
      status: 503,
      code: 'RATE_LIMITED',
      retryAfter: String(seconds),
    });
    // An hour, less the time of this request, plus a jitter of up to 5 seconds.
    expect(Number(seconds)).toBeGreaterThan(3_600 - 60);
    expect(Number(seconds)).toBeLessThanOrEqual(3_606);

    const { requests } = embedded.github.traffic;
    const before = [...requests];
    expect(await embedded.post(`/sync/${repositoryOf(1).id}`)).toMatchObject({
      status: 503,
      body: { code: 'RATE_LIMITED' },
    });
    expect([...requests]).toEqual(before);
  });
});

/** Without the attributes that a verification updates. */
const shown = (rows: readonly Record<string, unknown>[]): unknown[] =>
  rows.map(({ lastVerifiedAt, version, webhook, ...row }) => row);
