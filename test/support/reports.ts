import type { ChangeEvent, FinishedRun } from '../../functions/shared/contract/events.ts';
import type { EndDependencies } from '../../functions/synchronization/end-execution.ts';
import { type EmittedMetrics, recordMetrics } from './metrics.ts';

/** What was reported about runs that have ended. */
export interface RecordedReports {
  events: ChangeEvent[];
  notified: FinishedRun[];
  metrics: EmittedMetrics[];
  /** Dependencies of a function that reports. */
  reporting: Pick<EndDependencies, 'publish' | 'notify' | 'emitMetrics'>;
}

export function recordReports(): RecordedReports {
  const events: ChangeEvent[] = [];
  const notified: FinishedRun[] = [];
  const { metrics, emitMetrics } = recordMetrics();
  return {
    events,
    notified,
    metrics,
    reporting: {
      publish: async (published) => void events.push(...published),
      notify: async (run) => void notified.push(run),
      emitMetrics,
    },
  };
}
