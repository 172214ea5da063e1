import { describe, expect, it } from 'vitest';
import { estimateEnd, type RunInProgress } from '../../../../functions/executions/estimate.ts';

const NOW = new Date('2026-11-23T09:10:00.000Z');

/** A run that began ten minutes ago and has done a quarter of its ids. */
const RUN: RunInProgress = {
  startTime: '2026-11-23T09:00:00.000Z',
  total: 400,
  done: 100,
  forecastSeconds: undefined,
  waits: [],
};

const endOf = (run: Partial<RunInProgress>): string | undefined =>
  estimateEnd({ ...RUN, ...run }, NOW)?.toISOString();

describe('the estimated end of a run', () => {
  it.each<[what: string, run: Partial<RunInProgress>, end: string | undefined]>([
    ['comes from the forecast', { forecastSeconds: 1_200 }, '2026-11-23T09:20:00.000Z'],
    ['comes from the finished ids if there is no forecast', {}, '2026-11-23T09:40:00.000Z'],
    [
      'comes from the finished ids once the time in the forecast has passed',
      { forecastSeconds: 600 },
      '2026-11-23T09:40:00.000Z',
    ],
    ['is now if all ids are done', { done: 400 }, '2026-11-23T09:10:00.000Z'],
    [
      'is now if all ids are done earlier than forecast',
      { done: 400, forecastSeconds: 1_200 },
      '2026-11-23T09:10:00.000Z',
    ],
    ['is now for an empty bank', { total: 0, done: 0 }, '2026-11-23T09:10:00.000Z'],
    [
      'is not before a wait for GitHub is over',
      {
        forecastSeconds: 1_200,
        waits: [{ until: '2026-11-23T09:15:00.000Z' }, { until: '2026-11-23T10:00:00.000Z' }],
      },
      '2026-11-23T10:00:00.000Z',
    ],
    ['is unknown before the run has begun', { startTime: null }, undefined],
    ['is unknown before the bank is listed', { total: null, done: null }, undefined],
    ['is unknown as long as no id is done', { done: 0 }, undefined],
    [
      'is unknown if the time in the forecast has passed and no id is done',
      { done: 0, forecastSeconds: 60 },
      undefined,
    ],
  ])('%s', (_, run, end) => {
    expect(endOf(run)).toBe(end);
  });
});
