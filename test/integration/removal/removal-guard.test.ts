import { describe, expect, it } from 'vitest';
import { itemBankId } from '../../../functions/shared/contract/ids.ts';
import {
  connect,
  FORBIDDEN,
  HTML,
  hideFromListing,
  ORGANIZATION,
  ROUTES,
  reportTotalCount,
  startBank,
  WEBHOOK_SECRET,
} from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { changeRow, mirrorOf } from '../../support/items-table.ts';
import { beginRun, nightlyRuns, type Run } from '../../support/run.ts';
import { commit, listed, onDay } from '../github/support.ts';
import { mirrorItems } from '../synchronization/mirrored-bank.ts';
import { itemText, mirrored, outcomesOf, withoutRetries } from '../synchronization/support.ts';
import { candidate, deleteItems, runBeforeRemoval } from './support.ts';

const newTable = useDynamoDb();

describe('the removal guard', () => {
  it('removes nothing if the listing is incomplete', async () => {
    const { bank, nextRun } = await mirrorItems(newTable, 2);
    await deleteItems(bank, [1]);
    bank.site.fail(reportTotalCount(3, Infinity));
    const run = await nextRun({ overrides: { limitPercent: 100 } });
    expect(run.exit).toMatchObject({
      exitCode: 'INCOMPLETE_LISTING',
      exitMessage: expect.stringMatching(/removed: 0, .*, incomplete listing: found 1 of 3 repositories$/),
    });
    expect(bank.requests(ROUTES.repositoryById)).toBe(0);
  });

  it('removes nothing if removal is disabled, and reports no failure', async () => {
    const { bank, nextRun } = await mirrorItems(newTable, 2);
    await deleteItems(bank, [1]);
    const run = await nextRun({ overrides: { limitPercent: 100, removalEnabled: false } });
    expect(run.exit).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: expect.stringMatching(/unchanged: 1, removed: 0, deferred: 0, failed: 0$/),
    });
    expect(bank.requests(ROUTES.repositoryById)).toBe(0);
  });

  it('removes nothing if the organization has more repositories than the token sees', async () => {
    const { bank, nextRun } = await mirrorItems(newTable, 2);
    await deleteItems(bank, [1]);
    const place = { method: 'GET', pathPrefix: `/orgs/${ORGANIZATION}` };
    bank.site.fail({
      ...place,
      pathPrefix: `${place.pathPrefix}/repos`,
      outcome: { change: (page) => page },
    });
    const counts = { public_repos: 0, total_private_repos: 2 };
    bank.site.fail({ ...place, outcome: { status: 200, body: counts } });
    const run = await nextRun({ overrides: { limitPercent: 100 } });
    expect(run.exit).toMatchObject({
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage: expect.stringMatching(
        /removed: 0, .*, removal skipped: the token does not see every repository of the organization$/,
      ),
    });
    expect(bank.requests(ROUTES.repositoryById)).toBe(0);
  });

  describe('with the token of a member, from whom a repository is hidden', () => {
    const MEMBER = { token: 'of-a-member', role: 'member', scopes: ['repo', 'read:org'] } as const;

    /** Mirrors twelve repositories as their owner does. The member sees eleven of them. */
    async function mirrorOfTwelve() {
      const TWELVE = { repositories: 12, withoutProjectWebhook: 0 };
      // Banks with the same seed are the same.
      const [hidden, ...others] = (await listed(await startBank(TWELVE))).map((each) => each.repositoryName);
      const bank = await startBank({ ...TWELVE, otherTokens: [{ ...MEMBER, repositories: others }] });
      const nextRun = nightlyRuns({ newTable, bank, overrides: { limitPercent: 100 } });
      await nextRun();
      const github = connect(bank.site, MEMBER.token);
      const asMember = {
        limitPercent: 100,
        connect: async () => ({ github, webhookSecret: WEBHOOK_SECRET }),
      };
      return { bank, hidden, nextRun, asMember };
    }

    it('removes nothing, and says what is needed', async () => {
      const { bank, nextRun, asMember } = await mirrorOfTwelve();
      const run = await nextRun({ overrides: asMember });
      expect(run.exit).toMatchObject({
        exitCode: 'COMPLETED_WITH_FAILURES',
        exitMessage: expect.stringMatching(
          /^Total item bank ids: 11, .*, removed: 0, .*, removal stopped: the token may not see every repository of the organization \(needed: .*\)$/,
        ),
      });
      expect(bank.requests(ROUTES.repositoryById)).toBe(0);
      expect((await nextRun()).exit.exitMessage).toContain('unchanged: 12, removed: 0');
    });

    it('removes nothing if another repository was deleted after the listing', async () => {
      const { bank, hidden, nextRun, asMember } = await mirrorOfTwelve();
      const counts = { public_repos: 0, total_private_repos: 11 };
      const { dependencies, clock } = await nextRun();
      const run = await beginRun({ newTable, bank, tables: dependencies, clock, overrides: asMember });
      await run.list();
      await run.batches();
      const [another] = (await listed(bank)).filter(({ repositoryName }) => repositoryName !== hidden);
      await bank.github.rest.repos.delete({ owner: ORGANIZATION, repo: another?.repositoryName ?? '' });
      const organization = { method: 'GET', pathPrefix: `/orgs/${ORGANIZATION}` };
      bank.site.fail({ ...organization, outcome: { status: 200, body: counts } });
      await run.remove();
      expect((await run.complete()).exitMessage).toContain('removed: 0');
    });

    it('reports nothing if there is nothing to remove', async () => {
      const { bank, nextRun, asMember } = await mirrorOfTwelve();
      const hidden = new Set((await listed(bank)).slice(0, 1).map((each) => each.repositoryName));
      await nextRun({ overrides: { limitPercent: 100, ignored: hidden } });
      const run = await nextRun({ overrides: asMember });
      expect(run.exit).toMatchObject({ exitCode: 'COMPLETED' });
      expect(bank.requests('GET /user/memberships/orgs/{org}')).toBe(1);
    });
  });

  it('keeps an item whose repository GitHub once does not find', async () => {
    const { bank, nextRun } = await mirrorItems(newTable, 2);
    hideFromListing(bank, 'item-1');
    bank.site.fail(candidate(1, { status: 404, body: { message: 'Not Found' } }));
    const run = await nextRun({ overrides: { limitPercent: 100 } });
    expect(await outcomesOf(run)).toEqual({ 'item-1': 'unchanged', 'item-2': 'unchanged' });
  });

  it('keeps an item that was synchronized after GitHub was asked', async () => {
    const { bank, run } = await runBeforeRemoval(
      newTable,
      { items: 2, deleted: [1] },
      { overrides: { limitPercent: 100 } },
    );
    const { itemsTable } = run.dependencies;
    const comeBack = async (answer: unknown) => {
      await changeRow(itemsTable, { itemBankId: itemBankId(1) });
      return answer;
    };
    bank.site.fail(candidate(1, { change: comeBack }));
    await run.remove();
    expect(await outcomesOf(run)).toEqual({ 'item-1': 'CONFLICT', 'item-2': 'unchanged' });
  });

  it('keeps each item whose deletion GitHub does not confirm', async () => {
    const { bank, run } = await runBeforeRemoval(
      newTable,
      { items: 5, deleted: [1, 2, 3, 4] },
      { overrides: { limitPercent: 100 } },
    );
    run.dependencies.connect = withoutRetries(bank).connect;
    const blocked = { status: 451, body: { message: 'Repository access blocked' } };
    bank.site.fail(candidate(1, FORBIDDEN));
    bank.site.fail(candidate(2, { status: 500, body: { message: 'Server Error' } }));
    bank.site.fail(candidate(3, { ...HTML, status: 404 }));
    bank.site.fail(candidate(4, blocked));
    const mirror = await mirrorOf(run.dependencies.itemsTable);
    await run.remove();

    expect(await outcomesOf(run)).toEqual({
      'item-1': 'FORBIDDEN',
      'item-2': 'GITHUB_ERROR',
      'item-3': 'GITHUB_ERROR',
      'item-4': 'GITHUB_ERROR',
      'item-5': 'unchanged',
    });
    expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(mirror);
    expect(run.log.lines.filter(({ level }) => level === 'WARN')).toHaveLength(4);
    expect(await run.complete()).toMatchObject({
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage: expect.stringMatching(/^Total item bank ids: 5, .*, removed: 0, deferred: 0, failed: 4$/),
    });
  });

  it('fails the step and removes nothing if the token has been revoked', async () => {
    const { bank, run } = await runBeforeRemoval(newTable, { items: 2, deleted: [1] });
    const mirror = await mirrorOf(run.dependencies.itemsTable);
    const github = connect(bank.site, 'a-revoked-token');
    run.dependencies.connect = async () => ({ github, webhookSecret: '' });
    await expect(run.remove()).rejects.toMatchObject({ name: 'GitHubCredentialsRejected' });
    expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(mirror);
  });
});

describe('the removal limit', () => {
  const removed = async (run: Run) =>
    Object.values(await outcomesOf(run)).filter((outcome) => outcome === 'DELETED').length;

  it.each([
    ['allows removals up to the limit', { items: 4, deleted: [1] }, 25, {}],
    [
      'is overridden by a larger limit of the caller',
      { items: 4, deleted: [1, 2, 3] },
      25,
      { removalLimitPercent: 75 },
    ],
  ])('%s', async (_, numbers, limitPercent, options) => {
    const { run } = await runBeforeRemoval(newTable, numbers, { options, overrides: { limitPercent } });
    await run.remove();
    expect(await removed(run)).toBe(numbers.deleted.length);
    expect(await run.complete()).toMatchObject({ exitCode: 'COMPLETED' });
  });

  it.each([
    [
      'is exceeded by one item',
      { items: 4, deleted: [1, 2] },
      25,
      {},
      '2 of 4 items would be removed, more than 25 percent',
    ],
    [
      'is overridden by a smaller limit of the caller',
      { items: 4, deleted: [1] },
      100,
      { removalLimitPercent: 0 },
      '1 of 4 items would be removed, more than 0 percent',
    ],
  ])('%s, so that nothing is removed', async (_, numbers, limitPercent, options, explanation) => {
    const { run } = await runBeforeRemoval(newTable, numbers, { options, overrides: { limitPercent } });
    const mirror = await mirrorOf(run.dependencies.itemsTable);
    await run.remove();
    expect(await removed(run)).toBe(0);
    expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(mirror);
    expect(await run.complete()).toMatchObject({
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage: expect.stringContaining(
        `removed: 0, deferred: 0, failed: 0, removal stopped: ${explanation}`,
      ),
    });
  });

  it('does not prevent the synchronization of items that the listing missed', async () => {
    const { bank, item, nextRun } = await mirrorItems(newTable, 3);
    await deleteItems(bank, [2]);
    await commit(bank, item, { content: itemText('1', { version: 'iat-5' }), author: onDay(2) });
    hideFromListing(bank, 'item-1');
    const run = await nextRun({ overrides: { limitPercent: 10 } });
    expect(await outcomesOf(run)).toEqual({ 'item-1': 'updated', 'item-3': 'unchanged' });
    expect((await mirrored(run, item)).item).toMatchObject({ itemJsonVersion: 'iat-5' });
    expect(run.exit.exitMessage).toContain('removal stopped: 1 of 3 items would be removed');
  });
});
