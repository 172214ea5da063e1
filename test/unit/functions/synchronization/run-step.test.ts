import { describe, expect, it } from 'vitest';
import type { Deferral } from '../../../../functions/shared/deferral.ts';
import { stopAt, withinDeadline } from '../../../../functions/synchronization/run-step.ts';
import { createClock } from '../../../support/clock.ts';

const DEADLINE = '2026-11-23T15:00:00.000Z';

describe('a step', () => {
  const stop = (time: string, remainingMs: number) => {
    const { now } = createClock(`2026-11-23T${time}Z`);
    return stopAt(DEADLINE, { now, remainingTimeMs: () => remainingMs });
  };

  it('stops when its invocation has 180 seconds left, and not before', () => {
    expect(stop('10:00:00.000', 180_001)).toBeUndefined();
    expect(stop('10:00:00.000', 180_000)).toEqual({
      kind: 'out-of-time',
      resumeAt: new Date('2026-11-23T10:00:00.000Z'),
      message: 'the function is out of time',
    });
  });

  it('stops at the deadline of the run, and not before', () => {
    expect(stop('14:59:59.999', 900_000)).toBeUndefined();
    expect(stop('15:00:00.000', 900_000)).toMatchObject({ kind: 'deadline' });
  });
});

describe('a deferral', () => {
  it.each([
    [
      'keeps its kind if the work resumes just before the deadline',
      '2026-11-23T14:59:59.999Z',
      'rate-limited',
    ],
    ['ends the work if it would resume at the deadline', DEADLINE, 'deadline'],
  ])('%s', (_, resumeAt, kind) => {
    const deferral: Deferral = { kind: 'rate-limited', resumeAt: new Date(resumeAt), message: '' };
    expect(withinDeadline({ deadline: DEADLINE }, deferral)).toEqual({ ...deferral, kind });
  });
});
