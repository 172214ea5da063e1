import { paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { logsClient } from '../../local/aws-clients.ts';
import type { Installation } from './installation.ts';
import type { LogEvent } from './lambda-reports.ts';

interface LogQuery {
  logGroupName: string;
  logStreamNames?: string[];
  startTime?: number;
}

/** Reads a log group of the embedded cloud. */
export async function readEvents({ awsEndpoint }: Installation, query: LogQuery): Promise<LogEvent[]> {
  const client = logsClient(awsEndpoint);
  try {
    const found: LogEvent[] = [];
    for await (const { events = [] } of paginateFilterLogEvents({ client }, query)) found.push(...events);
    return found;
  } finally {
    client.destroy();
  }
}
