import { describe, expect, it } from 'vitest';
import { RateLimited } from '../../../../functions/item-bank/github-answers.ts';
import { pauseFor } from '../../../../functions/synchronization/pause.ts';

describe('the work pauses', () => {
  it('when GitHub asks for it', () => {
    const resumeAt = new Date('2026-11-23T15:00:00.000Z');
    expect(pauseFor(new RateLimited(resumeAt, 'slow down'))).toEqual({ resumeAt, why: 'slow down' });
  });

  it('for no other reason', () => {
    const error = new Error('why');
    expect(() => pauseFor(error)).toThrow(error);
  });
});
