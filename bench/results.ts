import type { BaselineFigures } from './github/baselines.ts';
import type { HistoriesFigures } from './measure-histories.ts';
import type { ArrivalFigures } from './product/arrivals.ts';
import type { BundleFigures } from './product/bundles.ts';
import type { RunFigures } from './product/run.ts';
import type { BankPlan, RunPlan } from './scenarios.ts';

/** A scenario, and its results. */
export interface ScenarioResult
  extends Pick<BankPlan, 'ids' | 'mirror' | 'webhooks' | 'limits'>,
    Pick<RunPlan, 'id' | 'title' | 'latencyMs'> {
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

export interface Results {
  /** ISO 8601. */
  at: string;
  isQuick: boolean;
  seconds: number;
  machine: { cpu: string; cores: number; node: string; system: string };
  scenarios: readonly ScenarioResult[];
  load?: ArrivalFigures & { ids: number };
  histories?: HistoriesFigures;
  bundles: readonly BundleFigures[];
}
