import { describe, expect, it } from 'vitest';
import { withOrganizationWebhook } from '../../../../functions/executions/counts.ts';
import { endingOfRun, type RunSummary } from '../../../../functions/executions/exit.ts';
import type { Counts } from '../../../../functions/executions/job-execution.ts';
import { limitOfRemoval } from '../../../../functions/removal/removal-rows.ts';

const COUNTS: Counts = {
  total: 1811,
  created: 3,
  updated: 2,
  unchanged: 1806,
  removed: 1,
  deferred: 0,
  failed: 0,
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

describe('the end of a run', () => {
  it('has a message that begins as the operators know it', () => {
    expect(endingOfRun(RUN)).toEqual({
      status: 'COMPLETED',
      exitCode: 'COMPLETED',
      exitMessage: MESSAGE,
      counts: COUNTS,
    });
  });

  it.each([
    ['failed', { failed: 1 }, 'deferred: 0, failed: 1'],
    ['deferred', { deferred: 100 }, 'deferred: 100, failed: 0'],
    [
      'webhooks not created',
      { webhooksNotCreated: 2 },
      'deferred: 0, failed: 0, project webhooks not created: 2',
    ],
    [
      'webhooks not repaired',
      { webhooksDiffering: 3, webhooksNotRepaired: 2 },
      'deferred: 0, failed: 0, project webhooks not repaired: 2',
    ],
    [
      'webhooks not checked',
      { webhooksNotChecked: 5 },
      'deferred: 0, failed: 0, project webhooks not checked: 5',
    ],
  ])('tells what was not done: %s', (_, counts, told) => {
    expect(endingOfRun({ ...RUN, counts: { ...COUNTS, ...counts } })).toMatchObject({
      status: 'COMPLETED',
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage: `${BEGINNING}, ${told}`,
    });
  });

  it('tells first of all that the listing was incomplete', () => {
    const listing = { announced: 1815, found: 1814, complete: false };
    const removal = { why: 'INCOMPLETE_LISTING' } as const;
    const counts = { ...COUNTS, failed: 1 };
    expect(endingOfRun({ ...RUN, listing, removal, counts })).toMatchObject({
      status: 'COMPLETED',
      exitCode: 'INCOMPLETE_LISTING',
      exitMessage: `${BEGINNING}, deferred: 0, failed: 1, incomplete listing: found 1814 of 1815 repositories`,
    });
  });

  it.each([
    [
      { why: 'LIMIT', removable: 900, mirrored: 1811, limitPercent: 10 },
      'removal stopped: 900 of 1811 items would be removed, more than 10 percent',
    ],
    [
      { why: 'NOT_ALL_VISIBLE' },
      'removal skipped: the token does not see every repository of the organization',
    ],
    [{ why: 'DEADLINE' }, 'removal left to the next run'],
  ] as const)('tells why nothing was removed: %o', (removal, told) => {
    expect(endingOfRun({ ...RUN, removal })).toMatchObject({
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage: `${MESSAGE}, ${told}`,
    });
  });

  it('is good when removal is switched off', () => {
    expect(endingOfRun({ ...RUN, removal: { why: 'DISABLED' } })).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: MESSAGE,
    });
  });

  it('of a dry run says that nothing was written, and holds no webhook against it', () => {
    const counts = { ...COUNTS, webhooksNotCreated: 10, webhooksNotRepaired: 1 };
    expect(endingOfRun({ ...RUN, counts, options: { dryRun: true } })).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: `${MESSAGE}, dry run: nothing was written`,
    });
  });
});

describe('with a webhook of the organization', () => {
  it('the message says how it was left, after what the operators know', () => {
    const organizationWebhook = { found: 'missing', left: 'created' } as const;
    expect(endingOfRun({ ...RUN, organizationWebhook })).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: `${MESSAGE}, webhook of the organization: created`,
    });
  });

  it.each([
    ['missing', 'forbidden', { requiringProjectWebhook: 1, webhooksNotCreated: 1 }],
    ['missing', 'created', { requiringProjectWebhook: 1 }],
    ['differs', 'differs', { webhooksDiffering: 1, webhooksNotRepaired: 1 }],
    ['differs', 'created', { webhooksDiffering: 1 }],
    ['forbidden', 'forbidden', { webhooksNotChecked: 1 }],
    ['unchecked', 'unchecked', { webhooksNotChecked: 1 }],
    ['present', 'present', {}],
  ] as const)('found %s and left %s, only that one counts', (found, left, counted) => {
    const webhooks = {
      requiringProjectWebhook: 0,
      webhooksNotCreated: 0,
      webhooksDiffering: 0,
      webhooksNotRepaired: 0,
      webhooksNotChecked: 0,
    };
    expect(withOrganizationWebhook(COUNTS, { found, left })).toEqual({ ...COUNTS, ...webhooks, ...counted });
  });

  it('nothing else counts differently where there is none', () => {
    expect(withOrganizationWebhook(COUNTS, undefined)).toBe(COUNTS);
  });
});

describe('the limit of a removal', () => {
  it.each([
    ['just as many as allowed', 10, 100, 10],
    ['nothing at all', 0, 0, 0],
    ['everything, when everything is allowed', 7, 7, 100],
  ])('lets pass %s', (_, removable, mirrored, percent) => {
    expect(limitOfRemoval({ removable, mirrored }, percent)).toBeUndefined();
  });

  it.each([
    ['one more than allowed', 11, 100, 10],
    ['the only item', 1, 1, 10],
    ['any item, when none is allowed', 1, 100_000, 0],
  ])('stops %s, and says how many', (_, removable, mirrored, limitPercent) => {
    expect(limitOfRemoval({ removable, mirrored }, limitPercent)).toEqual({
      why: 'LIMIT',
      removable,
      mirrored,
      limitPercent,
    });
  });
});
