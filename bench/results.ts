import type { BaselineFigures } from './github/baselines.ts';
import type { FunctionsResult } from './measure-functions.ts';
import type { HistoriesFigures } from './measure-histories.ts';
import type { ArrivalFigures } from './product/arrivals.ts';
import type { BundleFigures } from './product/bundles.ts';
import type { PushesFigures } from './product/pushes.ts';
import type { RunFigures } from './product/run.ts';
import type { CommandFigures } from './product/sync-command.ts';
import type { BankPlan, Extent, RunPlan } from './scenarios.ts';

/** A scenario, and its results. */
export interface ScenarioResult
  extends Pick<BankPlan, 'ids' | 'mirror' | 'webhooks' | 'limits'>,
    Pick<RunPlan, 'id' | 'title' | 'latencyMs'> {
  /** ISO 8601. */
  at: string;
  /** Absent if the run failed. */
  run?: RunFigures;
  /** Why the run failed. */
  failure?: string;
  /** Present if the scenario was measured several times. */
  range?: { leastSeconds: number; mostSeconds: number; times: number };
  /** Absent if limits are on, because it is measured without them. */
  sequential?: BaselineFigures;
  parallel?: BaselineFigures;
  /** Absent if GitHub answers without latency. */
  floorSeconds?: number;
}

/** The API at a fixed rate of requests. */
export interface LoadFigures {
  /** ISO 8601. */
  at: string;
  /** Items in the mirror. */
  ids: number;
  idle: ArrivalFigures;
  duringRuns: ArrivalFigures;
}

export interface Results {
  /** When the whole benchmark was last measured, ISO 8601. Its parts can be measured again one by one. */
  at: string;
  extent: Extent;
  seconds: number;
  machine: { cpu: string; cores: number; node: string; system: string };
  scenarios: readonly ScenarioResult[];
  load?: LoadFigures;
  functions: readonly FunctionsResult[];
  pushes?: PushesFigures;
  command?: CommandFigures;
  histories?: HistoriesFigures;
  bundles: readonly BundleFigures[];
}

/** The results, with the parts that were measured again in place of the former ones. */
export function withParts(results: Results, again: Results): Results {
  const { load, pushes, command, histories, scenarios, functions, bundles } = again;
  return {
    ...results,
    scenarios: replaced(results.scenarios, scenarios),
    functions: replaced(results.functions, functions),
    ...(load && { load }),
    ...(pushes && { pushes }),
    ...(command && { command }),
    ...(histories && { histories }),
    bundles: bundles.length > 0 ? bundles : results.bundles,
  };
}

/** In the order of the former ones. New ones come last. */
function replaced<Part extends { id: string }>(former: readonly Part[], again: readonly Part[]): Part[] {
  const kept = former.map((part) => again.find(({ id }) => id === part.id) ?? part);
  return [...kept, ...again.filter(({ id }) => !former.some((part) => part.id === id))];
}
