import type { BaselineFigures } from './github/baselines.ts';
import type { ArrivalFigures } from './product/arrivals.ts';
import type { BundleFigures } from './product/bundles.ts';
import type { RunFigures } from './product/run.ts';
import type { BankPlan, RunPlan } from './scenarios.ts';

/** What a scenario was, and what came of it. */
export interface ScenarioResult
  extends Pick<BankPlan, 'ids' | 'mirror' | 'webhooks' | 'limits'>,
    Pick<RunPlan, 'id' | 'title' | 'latencyMs'> {
  /** Absent where the run did not end well. */
  run?: RunFigures;
  /** Why it did not. */
  failure?: string;
  /** Of the times that it was measured, where that was several times. */
  range?: { leastSeconds: number; mostSeconds: number; times: number };
  /** Absent where limits are on: it was timed without them. */
  sequential?: BaselineFigures;
  parallel?: BaselineFigures;
  /** Absent where GitHub answers at once. */
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
  bundles: readonly BundleFigures[];
}
