import type { JobExecutionId } from './ids.ts';

/** Fields of a log line that readers rely on. Every line is one JSON object. */
export interface LogLine {
  timestamp: string;
  level: string;
  /** The function that wrote the line. */
  service: string;
  message: string;
  jobExecutionId?: JobExecutionId;
  /** On lines that report a finished batch. */
  progress?: { processed: number; total: number };
}

/** Value of the field `event` on the line about a skipped scheduled start. A metric filter counts these lines. */
export const SCHEDULE_SKIPPED = 'schedule-skipped';

/** Part of each line that reports that GitHub's quota is down to the reserve. A metric filter counts these lines. */
export const RESERVE_REACHED = 'all of them reserved for others';
