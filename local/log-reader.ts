import { type CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import type { LogLine } from '../functions/shared/contract/log-line.ts';

export interface LogQuery {
  client: CloudWatchLogsClient;
  logGroupName: string;
  /** CloudWatch Logs' filter syntax. */
  filterPattern?: string;
  /** Epoch milliseconds. */
  startTime?: number;
}

/**
 * Reads a log bit by bit. Each call of the function that it returns gives the lines that have come since the last.
 * Lines of functions that work side by side arrive a little out of order, so the last seconds are read again.
 */
export function openLog({ client, startTime = 0, ...query }: LogQuery): () => Promise<LogLine[]> {
  const overlapMs = 10_000;
  let since = startTime;
  const seen = new Map<string, number>();
  return async () => {
    const lines: LogLine[] = [];
    for await (const { events = [] } of paginateFilterLogEvents({ client }, { ...query, startTime: since })) {
      for (const { eventId = '', timestamp = 0, message = '' } of events) {
        if (seen.has(eventId)) continue;
        seen.set(eventId, timestamp);
        lines.push(...parseLine(message));
      }
    }
    since = Math.max(startTime, ...seen.values()) - overlapMs;
    for (const [id, timestamp] of seen) if (timestamp < since) seen.delete(id);
    return lines;
  };
}

/** A line of one of our functions; the platform's own lines are no JSON objects with a message. */
function parseLine(text: string): LogLine[] {
  try {
    const line: unknown = JSON.parse(text);
    return isLogLine(line) ? [line] : [];
  } catch {
    return [];
  }
}

function isLogLine(line: unknown): line is LogLine {
  return typeof line === 'object' && line !== null && 'message' in line && 'service' in line;
}

/** Time, level, where from, job execution id, message. */
export function formatLine({ timestamp, level, service, jobExecutionId, message }: LogLine): string {
  const time = timestamp.replace('T', ' ').replace('Z', '');
  const id = jobExecutionId === undefined ? '-' : String(jobExecutionId);
  return `${time} ${level.padStart(5)} ${service.padEnd(20)} [${id}] ${message}`;
}
