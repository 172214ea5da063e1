import { describe, expect, it } from 'vitest';
import { resumeAt } from '../../../../functions/github/resume-at.ts';

const at = (time: string) => new Date(`2026-11-23T${time}Z`);
const clock = { now: () => at('09:00:00') };

describe('resumeAt', () => {
  it.each([
    ['the named time', at('09:40:00'), 0, '09:40:00.000'],
    ['the named time plus half of the spread', at('09:40:00'), 0.5, '09:40:02.500'],
    ['the named time plus the whole spread', at('09:40:00'), 1, '09:40:05.000'],
    ['the minimum, if the named time is sooner', at('09:00:04'), 0, '09:00:05.000'],
    ['the minimum, if it is the named time', at('09:00:05'), 0, '09:00:05.000'],
    ['a named time just after the minimum', at('09:00:06'), 0, '09:00:06.000'],
    ['the minimum, if the named time has passed by our clock', at('08:59:00'), 0.5, '09:00:07.500'],
    ['a minute, without a named time', undefined, 0, '09:01:00.000'],
    ['a minute, if the named time is invalid', new Date(Number.NaN), 0, '09:01:00.000'],
    ['a minute and a half, without a named time', undefined, 0.5, '09:01:30.000'],
    ['two minutes, without a named time', undefined, 1, '09:02:00.000'],
  ])('is %s', (_, named, share, time) => {
    expect(resumeAt(named, { ...clock, random: () => share })).toEqual(at(time));
  });

  it('has no jitter without a source of randomness', () => {
    expect(resumeAt(at('09:40:00'), clock)).toEqual(at('09:40:00'));
    expect(resumeAt(undefined, clock)).toEqual(at('09:01:00'));
  });
});
