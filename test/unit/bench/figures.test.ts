import { describe, expect, it } from 'vitest';
import { dollarsFor, PRICES } from '../../../bench/prices.ts';
import { readReports } from '../../../bench/product/lambda-reports.ts';
import { type HistoryLine, readHistory, secondsIn } from '../../../bench/product/state-machine-history.ts';
import { middleOf, percentile, spread } from '../../../bench/statistics.ts';

const line = (type: string, details: HistoryLine['details'] = {}, at = 0): HistoryLine => ({
  type,
  event_timestamp: String(at),
  details,
});

describe('the history of an execution', () => {
  it('has an event for each line of the log, and a transition for each state and each failed attempt', () => {
    const attempt = [line('TaskScheduled'), line('TaskStarted')];
    const task = [
      line('TaskStateEntered'),
      ...attempt,
      line('TaskFailed'),
      ...attempt,
      line('TaskSucceeded'),
    ];
    expect(readHistory([line('ExecutionStarted'), ...task, line('TaskStateExited')])).toMatchObject({
      historyEvents: 9,
      transitions: 2,
    });
  });

  it('measures the largest payload in bytes, not in characters', () => {
    const lines = [line('PassStateEntered', { input: { a: 'é' } }), line('PassStateExited', { output: [1] })];
    expect(readHistory(lines).largestPayloadBytes).toBe(10);
    expect(readHistory([line('ExecutionStarted', { input: '{"a":1}' })]).largestPayloadBytes).toBe(7);
  });

  it('measures how long a state took, including its repetitions', () => {
    const lines = [
      line('TaskStateEntered', { name: 'List' }, 1_000),
      line('TaskStateExited', { name: 'List' }, 1_200),
      line('TaskStateEntered', { name: 'Other' }, 1_200),
      line('TaskStateEntered', { name: 'List' }, 2_000),
      line('TaskStateExited', { name: 'List' }, 2_500),
    ];
    expect(secondsIn('List', lines)).toBe(1.5);
    expect(secondsIn('Unknown', lines)).toBe(0);
  });
});

describe('the reports of the platform', () => {
  const report = (durationMs: number): string =>
    JSON.stringify({ type: 'platform.report', record: { requestId: 'r', metrics: { durationMs } } });
  const memory = new Map([
    ['list', 512],
    ['authorize', 1_024],
  ]);

  it('are added up with the memory of each function, and every started millisecond counts', () => {
    const events = [
      { logStreamName: '2026/11/23/list[$LATEST]0a1b', message: report(1_999.01) },
      { logStreamName: '2026/11/23/authorize[$LATEST]0a1b', message: report(500) },
      { logStreamName: '2026/11/23/list[$LATEST]0a1b', message: '{"message":"platform.report is a word"}' },
      { logStreamName: '2026/11/23/list[$LATEST]0a1b', message: 'no JSON' },
    ];
    expect(readReports(events, memory)).toEqual({ invocations: 2, gbSeconds: 1.5 });
  });

  it('throws for a report of an unknown function', () => {
    const events = [{ logStreamName: '2026/11/23/other[$LATEST]0a1b', message: report(1) }];
    expect(() => readReports(events, memory)).toThrow('is of no function that is known');
  });
});

describe('prices', () => {
  const nothing = {
    transitions: 0,
    invocations: 0,
    gbSeconds: 0,
    readUnits: 0,
    writeUnits: 0,
    events: 0,
  };

  it('exist once for everything that AWS charges for', () => {
    expect(PRICES.map(({ of }) => of).sort()).toEqual(Object.keys(nothing).sort());
  });

  it('are added up', () => {
    expect(dollarsFor(nothing)).toBe(0);
    expect(dollarsFor({ ...nothing, transitions: 2_000, writeUnits: 1_000_000 })).toBeCloseTo(0.05 + 0.625);
  });
});

describe('statistics', () => {
  it('find percentiles', () => {
    const values = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect(percentile(values, 50)).toBe(100);
    expect(percentile(values, 99)).toBe(198);
    expect(percentile(values, 100)).toBe(200);
    expect(percentile([], 99)).toBe(0);
  });

  it('find the median', () => {
    expect(middleOf([3, 1, 2], (value) => value)).toBe(2);
    expect(middleOf([4, 3, 1, 2], (value) => value)).toBe(2);
    expect(middleOf([], (value) => value)).toBeUndefined();
  });

  it('choose values at equal distances, each once', () => {
    expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4)).toEqual([0, 2, 5, 7]);
    expect(spread([1, 2], 5)).toEqual([1, 2]);
  });
});
