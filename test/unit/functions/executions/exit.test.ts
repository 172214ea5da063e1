import { describe, expect, it } from 'vitest';
import { endingOfRun } from '../../../../functions/executions/exit.ts';
import type { Counts } from '../../../../functions/executions/job-execution.ts';

const COUNTS: Counts = {
  total: 1811,
  processed: 1811,
  requiringProjectWebhook: 10,
  webhooksNotCreated: 0,
  deferred: 0,
  failed: 0,
};
const COMPLETE = { announced: 1815, found: 1815, complete: true };
const BEGINNING = 'Total item bank ids: 1811, number of items requiring project webhook: 10';

describe('the end of a run', () => {
  it('has the message that the operators know', () => {
    expect(endingOfRun(COMPLETE, COUNTS)).toEqual({
      status: 'COMPLETED',
      exitCode: 'COMPLETED',
      exitMessage: 'Total item bank ids: 1811, number of items requiring project webhook: 10',
      counts: COUNTS,
    });
  });

  it.each([
    ['failed: 1', { failed: 1 }],
    ['deferred: 100', { deferred: 100 }],
    ['project webhooks not created: 2', { webhooksNotCreated: 2 }],
    [
      'project webhooks not created: 2, deferred: 3, failed: 4',
      { webhooksNotCreated: 2, deferred: 3, failed: 4 },
    ],
  ])('tells what was not done: %s', (told, counts) => {
    expect(endingOfRun(COMPLETE, { ...COUNTS, ...counts })).toMatchObject({
      status: 'COMPLETED',
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage: `${BEGINNING}, ${told}`,
    });
  });

  it('tells first of all that the listing was incomplete', () => {
    const listing = { announced: 1815, found: 1814, complete: false };
    expect(endingOfRun(listing, { ...COUNTS, failed: 1 })).toMatchObject({
      status: 'COMPLETED',
      exitCode: 'INCOMPLETE_LISTING',
      exitMessage: `${BEGINNING}, failed: 1, incomplete listing: found 1814 of 1815 repositories`,
    });
  });
});
