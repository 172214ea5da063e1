import { describe, expect, it } from 'vitest';
import { withSharedWebhook } from '../../../../functions/executions/counts.ts';
import { endingOfRun, type RunSummary } from '../../../../functions/executions/exit.ts';
import type { Counts } from '../../../../functions/executions/job-execution.ts';
import { NO_WEBHOOKS } from '../../../../functions/executions/webhook-counts.ts';
import type { SharedWebhook } from '../../../../functions/shared/contract/webhooks.ts';

const COUNTS: Counts = {
  total: 1811,
  created: 3,
  updated: 2,
  derived: 0,
  unchanged: 1806,
  removed: 1,
  deferred: 0,
  failed: 0,
  itemsWithFieldIssues: 0,
  webhooks: NO_WEBHOOKS,
  webhooksDisabled: 0,
  webhooksWronglyKeyed: 0,
  webhooksDuplicated: 0,
  changedWithoutDelivery: 0,
  changedWithUnknownDelivery: 0,
  requiringProjectWebhook: 10,
  webhooksNotCreated: 0,
  webhooksDiffering: 0,
  webhooksNotRepaired: 0,
  webhooksNotChecked: 0,
};
const RUN: RunSummary = {
  listing: { announced: 1815, found: 1815, complete: true },
  counts: COUNTS,
  removal: undefined,
  options: { dryRun: false },
};
const BEGINNING =
  'Total item bank ids: 1811, number of items requiring project webhook: 10, created: 3, updated: 2, unchanged: 1806, removed: 1';
const MESSAGE = `${BEGINNING}, deferred: 0, failed: 0`;

describe('the ending of a run', () => {
  it('says how many items a new release has derived, if any', () => {
    const counts = { ...COUNTS, derived: 1806, unchanged: 0 };
    expect(endingOfRun({ ...RUN, counts }).exitMessage).toContain(', failed: 0, derived: 1806');
    expect(endingOfRun(RUN).exitMessage).not.toContain('derived');
  });

  it('begins its message with the words that the operators search for', () => {
    expect(endingOfRun(RUN)).toEqual({
      status: 'COMPLETED',
      exitCode: 'COMPLETED',
      exitMessage: MESSAGE,
      counts: COUNTS,
    });
  });

  it.each([
    ['failed ids', { failed: 1 }, 'deferred: 0, failed: 1'],
    ['deferred ids', { deferred: 100 }, 'deferred: 100, failed: 0'],
    [
      'webhooks that were not created',
      { webhooksNotCreated: 2 },
      'deferred: 0, failed: 0, project webhooks not created: 2',
    ],
    [
      'webhooks that were not repaired',
      { webhooksDiffering: 3, webhooksNotRepaired: 2 },
      'deferred: 0, failed: 0, project webhooks not repaired: 2',
    ],
    [
      'webhooks that were not checked',
      { webhooksNotChecked: 5 },
      'deferred: 0, failed: 0, project webhooks not checked: 5',
    ],
  ])('reports %s', (_, counts, reported) => {
    expect(endingOfRun({ ...RUN, counts: { ...COUNTS, ...counts } })).toMatchObject({
      status: 'COMPLETED',
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage: `${BEGINNING}, ${reported}`,
    });
  });

  it('reports items with unreadable fields, which are no failure of the run', () => {
    expect(endingOfRun({ ...RUN, counts: { ...COUNTS, itemsWithFieldIssues: 7 } })).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: `${MESSAGE}, items with unreadable fields: 7`,
    });
  });

  it('has the exit code of an incomplete listing even if ids failed', () => {
    const listing = { announced: 1815, found: 1814, complete: false };
    const removal = { reason: 'INCOMPLETE_LISTING' } as const;
    const counts = { ...COUNTS, failed: 1 };
    expect(endingOfRun({ ...RUN, listing, removal, counts })).toMatchObject({
      status: 'COMPLETED',
      exitCode: 'INCOMPLETE_LISTING',
      exitMessage: `${BEGINNING}, deferred: 0, failed: 1, incomplete listing: found 1814 of 1815 repositories`,
    });
  });

  it.each([
    [
      { reason: 'LIMIT', removable: 900, mirrored: 1811, limitPercent: 10 },
      'removal stopped: 900 of 1811 items would be removed, more than 10 percent',
    ],
    [
      { reason: 'NOT_ALL_VISIBLE' },
      'removal skipped: the token does not see every repository of the organization',
    ],
    [
      { reason: 'VISIBILITY_UNKNOWN' },
      'removal stopped: the token may not see every repository of the organization (needed: an App that is installed on all repositories, or a classic token of an owner with the scopes repo and read:org)',
    ],
    [{ reason: 'DEADLINE' }, 'removal left to the next run'],
  ] as const)('reports why nothing was removed: %o', (removal, reported) => {
    expect(endingOfRun({ ...RUN, removal })).toMatchObject({
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage: `${MESSAGE}, ${reported}`,
    });
  });

  it('does not report a removal that is disabled', () => {
    expect(endingOfRun({ ...RUN, removal: { reason: 'DISABLED' } })).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: MESSAGE,
    });
  });

  it('reports that a dry run wrote nothing, and no webhooks that it did not write', () => {
    const counts = { ...COUNTS, webhooksNotCreated: 10, webhooksNotRepaired: 1 };
    expect(endingOfRun({ ...RUN, counts, options: { dryRun: true } })).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: `${MESSAGE}, dry run: nothing was written`,
    });
  });

  it('reports how the organization webhook was left', () => {
    const sharedWebhook = { scope: 'organization', found: 'missing', left: 'created' } as const;
    expect(endingOfRun({ ...RUN, sharedWebhook })).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: `${MESSAGE}, organization webhook: created`,
    });
  });

  it('reports how the webhook of an App was left', () => {
    const sharedWebhook = { scope: 'app', found: 'present', left: 'present' } as const;
    expect(endingOfRun({ ...RUN, sharedWebhook }).exitMessage).toBe(`${MESSAGE}, App webhook: present`);
  });

  it.each([
    ['nothing without a replacement', {}, ''],
    [
      'how many webhooks may have the previous secret',
      { webhooksWithOtherSecret: 1336 },
      ', project webhooks that may have the previous secret: 1336',
    ],
    [
      'that all have the new secret',
      { webhooksWithOtherSecret: 0 },
      ', all project webhooks have the new secret',
    ],
  ])('says of the webhook secret: %s', (_, counted, sentence) => {
    const counts = { ...COUNTS, ...counted };
    expect(endingOfRun({ ...RUN, counts })).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: `${MESSAGE}${sentence}`,
    });
  });

  it('reports changes that no delivery announced, and not those that may have been announced', () => {
    const counts = { ...COUNTS, changedWithoutDelivery: 3, changedWithUnknownDelivery: 5 };
    expect(endingOfRun({ ...RUN, counts })).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: `${MESSAGE}, changed without a delivery: 3`,
    });
  });

  it('reports why the organization webhook failed', () => {
    const sharedWebhook = {
      scope: 'organization',
      found: 'missing',
      left: 'forbidden',
      failure: { reason: 'FORBIDDEN', message: 'not allowed' },
    } as const;
    expect(endingOfRun({ ...RUN, sharedWebhook })).toMatchObject({
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage: `${MESSAGE}, organization webhook: forbidden, organization webhook failed: FORBIDDEN: not allowed`,
    });
  });
});

describe('the counts of a run with one webhook for all repositories', () => {
  it.each([
    ['missing', 'forbidden', { requiringProjectWebhook: 1, webhooksNotCreated: 1 }],
    ['missing', 'created', { requiringProjectWebhook: 1 }],
    ['differs', 'differs', { webhooksDiffering: 1, webhooksNotRepaired: 1 }],
    ['differs', 'created', { webhooksDiffering: 1 }],
    ['forbidden', 'forbidden', { webhooksNotChecked: 1 }],
    ['unchecked', 'unchecked', { webhooksNotChecked: 1 }],
    ['present', 'present', {}],
  ] as const)('include no other webhook: found %s, left %s', (found, left, counted) => {
    const counts = {
      requiringProjectWebhook: 0,
      webhooksNotCreated: 0,
      webhooksDiffering: 0,
      webhooksNotRepaired: 0,
      webhooksNotChecked: 0,
      webhooks: { ...NO_WEBHOOKS, [left]: 1 },
    };
    const webhook = { scope: 'organization', found, left } as const;
    expect(withSharedWebhook(COUNTS, webhook)).toEqual({ ...COUNTS, ...counts, ...counted });
  });

  it('say what was wrong with it, and whether it has the new secret', () => {
    const webhook: SharedWebhook = {
      scope: 'app',
      found: 'differs',
      left: 'repaired',
      differs: ['active', 'secret'],
      others: [8],
      hasCurrentSecret: true,
    };
    expect(withSharedWebhook(COUNTS, webhook)).toMatchObject({
      webhooks: { repaired: 1, differs: 0 },
      webhooksDisabled: 1,
      webhooksWronglyKeyed: 1,
      webhooksDuplicated: 1,
      webhooksWithOtherSecret: 0,
    });
  });

  it.each([
    ['present', [2, 3]],
    ['unchecked', [2, 3]],
    ['missing', [0, 5]],
    ['differs', [0, 5]],
    ['forbidden', [0, 5]],
  ] as const)(
    'count changes without a delivery only if it does not explain them: found %s',
    (found, expected) => {
      const counts = { ...COUNTS, changedWithoutDelivery: 2, changedWithUnknownDelivery: 3 };
      const counted = withSharedWebhook(counts, { scope: 'organization', found, left: found });
      expect([counted.changedWithoutDelivery, counted.changedWithUnknownDelivery]).toEqual(expected);
    },
  );

  it('stay the same without one', () => {
    expect(withSharedWebhook(COUNTS, undefined)).toBe(COUNTS);
  });
});
