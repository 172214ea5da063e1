import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { LogLine } from '../functions/shared/contract/log-line.ts';
import { printable } from './terminal/terminal.ts';

export interface LogQuery {
  client: CloudWatchLogsClient;
  logGroupName: string;
  /** CloudWatch Logs' filter syntax. */
  filterPattern?: string;
  /** Epoch milliseconds. */
  startTime?: number;
}

/**
 * Opens a log for reading. Each call of the returned function returns the lines that are new since the previous call.
 * Lines of concurrent functions arrive slightly out of order, so each call reads the last seconds again.
 */
export function openLog({ client, startTime = 0, ...query }: LogQuery): () => Promise<LogLine[]> {
  const overlapMs = 10_000;
  let since = startTime;
  const seen = new Map<string, number>();
  return async () => {
    // Loading it takes longer than a question that only needs the API.
    const { paginateFilterLogEvents } = await import('@aws-sdk/client-cloudwatch-logs');
    const lines: LogLine[] = [];
    for await (const { events = [] } of paginateFilterLogEvents({ client }, { ...query, startTime: since })) {
      for (const { eventId = '', timestamp = 0, message = '' } of events) {
        if (seen.has(eventId)) continue;
        seen.set(eventId, timestamp);
        lines.push(...parseLine(message));
      }
    }
    // Without a call that has an argument for each line, which fails for more than about 120,000.
    let latest = startTime;
    for (const timestamp of seen.values()) latest = Math.max(latest, timestamp);
    since = latest - overlapMs;
    for (const [id, timestamp] of seen) if (timestamp < since) seen.delete(id);
    return lines;
  };
}

/** Lines of the platform are skipped: they are not JSON objects with a message. */
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

/** Time, level, function, job execution id, message: one line, whatever the message contains. */
export function formatLine({ timestamp, level, service, jobExecutionId, message }: LogLine): string {
  const time = timestamp.replace('T', ' ').replace('Z', '');
  const id = jobExecutionId === undefined ? '-' : String(jobExecutionId);
  return printable(`${time} ${level.padStart(5)} ${service.padEnd(20)} [${id}] ${message}`);
}
