import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../../../local/cloud/schedule.ts';

/** A Monday. */
const NOW = new Date('2026-11-23T08:59:59Z');

const next = (expression: string, after = NOW) => parseSchedule(expression, NOW).next(after)?.toISOString();

describe('a schedule', () => {
  it.each([
    ['cron(0 9 * * ? *)', '2026-11-23T09:00:00.000Z'],
    ['cron(0/15 * * * ? *)', '2026-11-23T09:00:00.000Z'],
    ['cron(5/20 10 * * ? *)', '2026-11-23T10:05:00.000Z'],
    ['cron(0 9 ? * 1 *)', '2026-11-29T09:00:00.000Z'],
    ['cron(0 9 ? * 2 *)', '2026-11-23T09:00:00.000Z'],
    ['cron(0 9 ? * 3-7 *)', '2026-11-24T09:00:00.000Z'],
    ['cron(0 9 ? * TUE,FRI *)', '2026-11-24T09:00:00.000Z'],
    ['cron(30 6 1 JAN,JUL ? *)', '2027-01-01T06:30:00.000Z'],
    ['cron(0 0 1 1 ? 2030)', '2030-01-01T00:00:00.000Z'],
    ['rate(1 minute)', '2026-11-23T09:00:59.000Z'],
    ['rate(6 hours)', '2026-11-23T14:59:59.000Z'],
  ])('%s runs next at %s', (expression, expected) => {
    expect(next(expression)).toBe(expected);
  });

  it('runs next on the following day once its minute has come', () => {
    expect(next('cron(0 9 * * ? *)', new Date('2026-11-23T09:00:00Z'))).toBe('2026-11-24T09:00:00.000Z');
  });

  it('counts a rate from the start, not from the given time', () => {
    expect(next('rate(6 hours)', new Date('2026-11-23T15:00:00Z'))).toBe('2026-11-23T20:59:59.000Z');
  });

  it('has no next run after its last year', () => {
    expect(next('cron(0 9 1 1 ? 2020)')).toBeUndefined();
  });

  it.each([
    'cron(0 9 * * *)',
    'cron(0 9 * * * *)',
    'cron(0 9 ? * ? *)',
    'cron(0 9 L * ? *)',
    'cron(0 9 15W * ? *)',
    'cron(0 9 ? * 2#1 *)',
    'cron(61 9 * * ? *)',
    'rate(0 minutes)',
    'rate(1 minutes)',
    'rate(5 minute)',
    'rate(2 weeks)',
    'at(2026-11-23T09:00:00)',
  ])('refuses %s by name', (expression) => {
    expect(() => parseSchedule(expression, NOW)).toThrow(`schedule ${expression} is not supported here`);
  });
});
