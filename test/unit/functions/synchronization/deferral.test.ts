import { describe, expect, it } from 'vitest';
import { outOfTime, resumesWithin } from '../../../../functions/synchronization/deferral.ts';
import { createClock } from '../../../support/clock.ts';
import { createLog } from '../../../support/log.ts';

const DEADLINE = '2026-11-23T15:00:00.000Z';
const at = (time: string, leftMs: number) => {
  const { now } = createClock(`2026-11-23T${time}Z`);
  return { log: createLog(), now, remainingTimeMs: () => leftMs };
};

describe('the work stops', () => {
  it('with a minute left, and not before', () => {
    expect(outOfTime(at('10:00:00.000', 60_001), DEADLINE)).toBeUndefined();
    expect(outOfTime(at('10:00:00.000', 60_000), DEADLINE)).toEqual({
      resumeAt: new Date('2026-11-23T10:00:00.000Z'),
      why: 'the function is out of time',
    });
  });

  it('at the deadline, and not before', () => {
    expect(outOfTime(at('14:59:59.999', 900_000), DEADLINE)).toBeUndefined();
    expect(outOfTime(at('15:00:00.000', 900_000), DEADLINE)).toMatchObject({
      why: 'the deadline has passed',
    });
  });
});

describe('the work goes on', () => {
  it.each([
    ['just before the deadline', '2026-11-23T14:59:59.999Z', true],
    ['not at the deadline', DEADLINE, false],
  ])('%s', (_, resumeAt, goesOn) => {
    expect(resumesWithin(DEADLINE, { resumeAt: new Date(resumeAt), why: '' })).toBe(goesOn);
  });
});
