import { describe, expect, it } from 'vitest';
import { failedWith } from '../../../../functions/executions/job-execution.ts';
import { endingOf } from '../../../../functions/executions/liveness.ts';

describe('the ending for a Step Functions status', () => {
  it.each(['RUNNING', 'PENDING_REDRIVE'])('does not exist while the execution is %s', (status) => {
    expect(endingOf({ status })).toBeUndefined();
  });

  it.each([
    ['ABORTED', 'STOPPED'],
    ['FAILED', 'FAILED'],
    ['TIMED_OUT', 'FAILED'],
    ['SUCCEEDED', 'FAILED'],
    ['SOMETHING_NEW', 'FAILED'],
  ])('for %s is %s', (status, ending) => {
    expect(endingOf({ status })).toEqual({
      status: ending,
      exitCode: ending,
      exitMessage: `${status}: Step Functions gives no cause`,
    });
  });

  it('has the error and the cause in its exit message', () => {
    expect(endingOf({ status: 'FAILED', error: 'States.Runtime', cause: 'a bad path' })).toMatchObject({
      exitMessage: 'States.Runtime: a bad path',
    });
  });
});

describe('an exit message', () => {
  it.each([
    ['just fits', 2_493, 2_500],
    ['is just too long', 2_494, 2_500],
  ])('that %s has at most 2500 characters', (_, length, kept) => {
    expect(failedWith('Error', 'x'.repeat(length)).exitMessage).toHaveLength(kept);
  });
});
