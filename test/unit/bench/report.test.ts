import { describe, expect, it } from 'vitest';
import { chartsOf } from '../../../bench/report/charts.ts';
import { docsSection, withSection } from '../../../bench/report/docs-section.ts';
import { brief, dollars, duration } from '../../../bench/report/numbers.ts';
import { reportOf } from '../../../bench/report/report.ts';
import { linearScale, logScale } from '../../../bench/report/scales.ts';
import { judge } from '../../../bench/report/tables.ts';
import { TARGETS } from '../../../bench/targets.ts';
import { grown, NOTHING_MEASURED, results, scenario } from './results.ts';

const verdictOf = (given: Parameters<typeof judge>[0], words: string): string | undefined =>
  judge(given).find(({ title }) => title.includes(words))?.verdict;

describe('targets', () => {
  it('are not available if nothing was measured', () => {
    const judged = judge(NOTHING_MEASURED);
    expect(judged).toHaveLength(TARGETS.length);
    expect(new Set(judged.map(({ verdict }) => verdict))).toEqual(new Set(['not measured']));
  });

  it.each([
    ['150 × faster', 3.6, 3.7],
    ['2 × the floor', 4.0, 4.1],
  ])('are met up to their bound, and not beyond: %s', (words, good, bad) => {
    const measured = (seconds: number) => results([scenario('unchanged', { seconds }, { floorSeconds: 2 })]);
    expect(verdictOf(measured(good), words)).toBe('met');
    expect(verdictOf(measured(bad), words)).toBe('not met');
  });

  it('count a 403, a 429 and a 502 as a refusal', () => {
    const verdict = (figures: { limited?: number; aborted?: number }) =>
      verdictOf(results([scenario('unchanged-limits', figures)]), '1,811 unchanged, limits on: no 403, 429');
    expect(verdict({})).toBe('met');
    expect(verdict({ limited: 1 })).toBe('not met');
    expect(verdict({ aborted: 1 })).toBe('not met');
  });

  it('for webhooks in rotation are judged by a run in rotation only', () => {
    const everyOne = scenario('unchanged', {});
    expect(verdictOf(results([everyOne]), 'in rotation')).toBe('not measured');
    const rotating = { ...scenario('rotation', { restRequests: 300 }), webhooks: 'in rotation' as const };
    expect(verdictOf(results([everyOne, rotating]), 'in rotation')).toBe('met');
  });

  it('for the memory of a worker are judged by its whole process', () => {
    const given = results([]);
    const measured = (peakBytes: number) =>
      given.histories ? { ...given, histories: { ...given.histories, peakBytes } } : given;
    expect(verdictOf(measured(255_999_999), 'worker process')).toBe('met');
    expect(verdictOf(measured(256_000_000), 'worker process')).toBe('not met');
  });

  it('for 100,000 ids are not met by a run that was stopped, and name how far it got', () => {
    const { run: _, ...stopped } = grown(100_000);
    const judged = judge(results([{ ...stopped, failure: 'stopped with 40000 ids processed' }]));
    expect(judged.find(({ title }) => title === '100,000 ids: completes')).toEqual({
      title: '100,000 ids: completes',
      value: 'stopped with 40000 ids processed',
      verdict: 'not met',
    });
  });
});

describe('the report', () => {
  it('contains every scenario and every target', () => {
    const given = results([scenario('unchanged', {}, { floorSeconds: 2 }), grown(1_000), grown(100_000)]);
    const report = reportOf(given);
    expect(report).toContain('| 1,811 ids, unchanged |');
    expect(report).toContain('| 100,000 ids, unchanged, no latency |');
    for (const { title } of TARGETS) expect(report).toContain(title);
    expect(report).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('does not judge targets by a quick run', () => {
    expect(reportOf({ ...results([]), extent: 'quick' })).not.toContain('## Targets');
  });

  it('names the failure of a scenario without figures', () => {
    const { run: _, ...failed } = scenario('unchanged', {});
    expect(reportOf(results([{ ...failed, failure: 'a run ended as FAILED' }]))).toContain(
      '- 1,811 ids, unchanged: a run ended as FAILED.',
    );
  });
});

describe('charts', () => {
  it('contain the names and values that they show, and valid coordinates', () => {
    const given = results([scenario('unchanged', {}, { floorSeconds: 2 }), grown(1_000), grown(100_000)]);
    const charts = chartsOf(given);
    expect(Object.keys(charts)).toEqual(['times.svg', 'growth.svg', 'headroom.svg']);
    for (const chart of Object.values(charts)) expect(chart).not.toMatch(/NaN|undefined|Infinity/);
    expect(charts['times.svg']).toContain('>1,811, unchanged</text>');
    expect(charts['headroom.svg']).toContain('>history events 44 %</text>');
  });

  it('do not exist if there is nothing to show', () => {
    expect(chartsOf(results([]))).toEqual({});
  });

  it('of growth do not exist if no scenario measures it', () => {
    expect(Object.keys(chartsOf(results([scenario('unchanged', {}, { floorSeconds: 2 })])))).toEqual([
      'times.svg',
    ]);
  });

  it('place values between the ends of their axes', () => {
    const log = logScale([0.5, 200], { from: 0, to: 400 });
    expect(log.ticks).toEqual([0.1, 1, 10, 100, 1_000]);
    expect(log.place(10)).toBe(200);
    const linear = linearScale(1, 4, { from: 100, to: 0 });
    expect(linear.ticks).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(linear.place(0.25)).toBe(75);
  });
});

describe('numbers', () => {
  it('have three significant digits', () => {
    expect([0, 0.012345, 1.5, 99.94, 12_345.6].map(brief)).toEqual(['0', '0.0123', '1.5', '99.9', '12,346']);
    expect([3.456, 600, 7_260].map(duration)).toEqual(['3.46 s', '10 min', '2 h 1 min']);
    expect([0.00123, 1.5].map(dollars)).toEqual(['$0.0012', '$1.50']);
  });
});

describe('the generated section of docs/benchmark.md', () => {
  const section = docsSection(results([scenario('unchanged', {}, { floorSeconds: 2 })]), '../bench/results');

  it('links the report and shows a chart', () => {
    expect(section).toContain('](../bench/results/report.md)');
    expect(section).toContain('](../bench/results/times.svg)');
  });

  it('replaces only what is between the markers', () => {
    const text = 'before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n';
    const once = withSection(text, 'new');
    expect(once).toBe('before\n<!-- bench:begin -->\n\nnew\n\n<!-- bench:end -->\nafter\n');
    expect(withSection(once ?? '', 'new')).toBe(once);
  });

  it('is not written if the markers are missing or in the wrong order', () => {
    expect(withSection('before', 'new')).toBeUndefined();
    expect(withSection('<!-- bench:end --> <!-- bench:begin -->', 'new')).toBeUndefined();
  });
});
