import { describe, expect, it } from 'vitest';
import { Interrupted, RateLimited } from '../../../../functions/github/github-answers.ts';
import { pauseFor } from '../../../../functions/synchronization/pause.ts';

describe('the work pauses', () => {
  it('when GitHub asks for it', () => {
    const resumeAt = new Date('2026-11-23T15:00:00.000Z');
    expect(pauseFor(new RateLimited(resumeAt, 'slow down'))).toEqual({ resumeAt, why: 'slow down' });
  });

  it('with the id of the answer by which GitHub asks for it', () => {
    const limit = new RateLimited(new Date(), 'slow down', { githubRequestId: 'AB12:3' });
    expect(pauseFor(limit)).toMatchObject({ githubRequestId: 'AB12:3' });
  });

  it('when no time is left to ask again', () => {
    const resumeAt = new Date('2026-11-23T15:00:00.000Z');
    expect(pauseFor(new Interrupted(resumeAt, 'late'))).toEqual({ resumeAt, why: 'late' });
  });

  it('for no other reason', () => {
    const error = new Error('why');
    expect(() => pauseFor(error)).toThrow(error);
  });
});
