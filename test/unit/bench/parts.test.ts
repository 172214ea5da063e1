import { describe, expect, it } from 'vitest';
import { withParts } from '../../../bench/results.ts';
import { onlyParts, PLANS, partsOf } from '../../../bench/scenarios.ts';
import { grown, NOTHING_MEASURED, results, scenario } from './results.ts';

describe('a part of the benchmark', () => {
  it.each(partsOf(PLANS.full))('can be measured alone: %s', (part) => {
    expect(
      partsOf(onlyParts(PLANS.full, [part])).filter((name) => name !== 'bundles' || part === name),
    ).toEqual([part]);
    expect(onlyParts(PLANS.full, [part]).imports > 0).toBe(part === 'bundles');
  });

  it('has a name of its own', () => {
    for (const plan of Object.values(PLANS)) expect(new Set(partsOf(plan)).size).toBe(partsOf(plan).length);
  });

  it('replaces its former results, and leaves the others', () => {
    const before = results([scenario('unchanged', {}), grown(1_000)]);
    const again = { ...NOTHING_MEASURED, scenarios: [scenario('unchanged', { seconds: 3 }), grown(5_000)] };
    const { scenarios, ...others } = withParts(before, again);
    expect(scenarios.map(({ id, run }) => [id, run?.seconds])).toEqual([
      ['unchanged', 3],
      ['growth-1000', 2.5],
      ['growth-5000', 12.5],
    ]);
    const { scenarios: _, ...unchanged } = before;
    expect(others).toEqual(unchanged);
  });
});
