import { describe, expect, it } from 'vitest';
import { resumeAt } from '../../../../functions/github/waits.ts';

const at = (time: string) => new Date(`2026-11-23T${time}Z`);
const clock = { now: () => at('09:00:00') };

describe('a wait', () => {
  it.each([
    ['that GitHub names', at('09:40:00'), 0, '09:40:00.000'],
    ['that GitHub names, with half of the spread', at('09:40:00'), 0.5, '09:40:02.500'],
    ['that GitHub names, with the whole spread', at('09:40:00'), 1, '09:40:05.000'],
    ['that is shorter than the shortest', at('09:00:04'), 0, '09:00:05.000'],
    ['that is as long as the shortest', at('09:00:05'), 0, '09:00:05.000'],
    ['that is a little longer', at('09:00:06'), 0, '09:00:06.000'],
    ['that is over by our clock', at('08:59:00'), 0.5, '09:00:07.500'],
    ['without a name', undefined, 0, '09:01:00.000'],
    ['without a name, with half of the spread', undefined, 0.5, '09:01:30.000'],
    ['without a name, with the whole spread', undefined, 1, '09:02:00.000'],
  ])('%s ends when it should', (_, named, share, time) => {
    expect(resumeAt(named, { ...clock, random: () => share })).toEqual(at(time));
  });

  it('has no spread where none is given', () => {
    expect(resumeAt(at('09:40:00'), clock)).toEqual(at('09:40:00'));
    expect(resumeAt(undefined, clock)).toEqual(at('09:01:00'));
  });
});
