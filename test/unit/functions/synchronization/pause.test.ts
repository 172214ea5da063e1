import { describe, expect, it } from 'vitest';
import { DeferredError } from '../../../../functions/shared/deferral.ts';
import { pauseFor } from '../../../../functions/synchronization/pause.ts';

describe('the work pauses', () => {
  it('when GitHub asks for it', () => {
    const resumeAt = new Date('2026-11-23T15:00:00.000Z');
    expect(pauseFor(new DeferredError({ kind: 'rate-limited', resumeAt, message: 'slow down' }))).toEqual({
      resumeAt,
      why: 'slow down',
    });
  });

  it('with the id of the answer by which GitHub asks for it', () => {
    const deferral = { kind: 'rate-limited', resumeAt: new Date(), message: 'slow down' } as const;
    const limit = new DeferredError({ ...deferral, githubRequestId: 'AB12:3' });
    expect(pauseFor(limit)).toMatchObject({ githubRequestId: 'AB12:3' });
  });

  it('when no time is left to ask again', () => {
    const resumeAt = new Date('2026-11-23T15:00:00.000Z');
    expect(pauseFor(new DeferredError({ kind: 'out-of-time', resumeAt, message: 'late' }))).toEqual({
      resumeAt,
      why: 'late',
    });
  });

  it('for no other reason', () => {
    const error = new Error('why');
    expect(() => pauseFor(error)).toThrow(error);
  });
});
