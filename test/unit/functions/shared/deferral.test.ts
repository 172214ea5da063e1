import { describe, expect, it } from 'vitest';
import { type Deferral, DeferredError, deferralOf } from '../../../../functions/shared/deferral.ts';

describe('deferralOf', () => {
  it('returns the deferral of a DeferredError', () => {
    const deferral: Deferral = {
      kind: 'rate-limited',
      resumeAt: new Date('2026-11-23T15:00:00.000Z'),
      message: 'slow down',
      githubRequestId: 'AB12:3',
    };
    expect(deferralOf(new DeferredError(deferral))).toBe(deferral);
  });

  it('rethrows any other error', () => {
    const error = new Error('broken');
    expect(() => deferralOf(error)).toThrow(error);
  });
});
