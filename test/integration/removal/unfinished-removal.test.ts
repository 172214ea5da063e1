import { describe, expect, it } from 'vitest';
import { type Bank, hideFromListing, ORGANIZATION, ROUTES } from '../../support/bank.ts';
import { HOUR_MS } from '../../support/clock.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { beginRun } from '../../support/run.ts';
import { graphqlFailure } from '../github/support.ts';
import { mirrorItems } from '../synchronization/mirrored-bank.ts';
import { HEADS, outcomesOf } from '../synchronization/support.ts';
import { candidate, deleteItems, runBeforeRemoval } from './support.ts';

const newTable = useDynamoDb();

describe('a run without time for the items that the listing missed', () => {
  it('still reports that the limit stopped the removal', async () => {
    const { bank, run: mirroring } = await mirrorItems(newTable, 3);
    const { dependencies, clock } = mirroring;
    await deleteItems(bank, [2]);
    hideFromListing(bank, 'item-1');
    const run = await beginRun({ newTable, bank, tables: dependencies, clock });
    await run.list();
    await run.batches();
    run.clock.advance(5 * HOUR_MS);
    const headers = { 'retry-after': String(HOUR_MS / 1_000) };
    const limited = { status: 403, headers, body: { message: 'You have exceeded a rate limit' } };
    bank.site.fail(graphqlFailure(limited, { bodyIncludes: HEADS }));
    expect(await run.remove()).toMatchObject({ deferred: false });
    expect((await run.complete()).exitMessage).toContain('removal stopped: 1 of 3 items would be removed');
  });
});

describe('a removal that cannot finish', () => {
  const LIMITED = {
    status: 403,
    headers: { 'retry-after': '60' },
    body: { message: 'You have exceeded a secondary rate limit' },
  };
  const numbers = { items: 4, deleted: [1, 2, 3] };
  const overrides = { limitPercent: 100 };

  it('is deferred if GitHub rate-limits the count of repositories', async () => {
    const { bank, run } = await runBeforeRemoval(newTable, numbers, { overrides });
    bank.site.fail({ method: 'GET', pathPrefix: `/orgs/${ORGANIZATION}`, outcome: LIMITED });
    const { resumeAt } = await run.remove();
    run.clock.set(resumeAt);
    expect(await run.remove()).toMatchObject({ deferred: false });
    expect((await run.complete()).exitMessage).toContain('unchanged: 1, removed: 3');
  });

  it('is deferred if GitHub rate-limits a candidate, and then requests each of those that it did not find twice', async () => {
    const { bank, run } = await runBeforeRemoval(newTable, numbers, { overrides });
    const resumeAt = new Date(run.clock.now().getTime() + 60_000).toISOString();
    bank.site.fail(candidate(2, LIMITED));
    expect(await run.remove()).toEqual({ deferred: true, resumeAt });
    expect(bank.requests(ROUTES.repositoryById)).toBe(3);
    expect(await outcomesOf(run)).toEqual({ 'item-4': 'unchanged' });
    bank.requests(ROUTES.organization);

    run.clock.set(resumeAt);
    expect(await run.remove()).toMatchObject({ deferred: false });
    expect(bank.requests(ROUTES.repositoryById)).toBe(6);
    expect(bank.requests(ROUTES.organization)).toBe(0);
    expect((await run.complete()).exitMessage).toContain('unchanged: 1, removed: 3');
  });

  it('is deferred to another invocation when its time runs out', async () => {
    const { bank, run } = await runBeforeRemoval(newTable, numbers, { overrides });
    run.dependencies.remainingTimeMs = () => 180_000;
    expect(await run.remove()).toEqual({ deferred: true, resumeAt: run.clock.now().toISOString() });
    expect(bank.requests(ROUTES.repositoryById)).toBe(0);
    run.dependencies.remainingTimeMs = () => 180_001;
    expect(await run.remove()).toMatchObject({ deferred: false });
    expect((await run.complete()).exitMessage).toContain('removed: 3');
  });

  it.each([
    [
      'GitHub requests a longer wait',
      (bank: Bank) => bank.site.fail(candidate(2, LIMITED)),
      HOUR_MS * 6 - 60_000,
    ],
    [
      'GitHub requests a wait before the candidates are chosen',
      ({ site }: Bank) => site.fail({ method: 'GET', pathPrefix: `/orgs/${ORGANIZATION}`, outcome: LIMITED }),
      HOUR_MS * 6 - 60_000,
    ],
    ['the deadline has passed', () => {}, HOUR_MS * 6],
  ])('is left to the next run if it would be deferred beyond the deadline: %s', async (_, prepare, ms) => {
    const { bank, run } = await runBeforeRemoval(newTable, numbers, { overrides });
    const mirror = await mirrorOf(run.dependencies.itemsTable);
    prepare(bank);
    run.clock.advance(ms);
    expect(await run.remove()).toMatchObject({ deferred: false });
    expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(mirror);
    expect(await run.complete()).toMatchObject({
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage: expect.stringMatching(/removed: 0, .*, removal left to the next run$/),
    });

    const { dependencies, clock } = run;
    clock.advance(60_000);
    const next = await beginRun({ newTable, bank, tables: dependencies, clock, overrides });
    expect((await next.all()).exitMessage).toContain('removed: 3');
  });
});
