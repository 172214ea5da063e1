import { setTimeout as delay } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { formatLine } from '../cli/log-reader.ts';
import type { Screen } from '../cli/terminal/screen.ts';
import type { LogLine } from '../functions/shared/contract/log-line.ts';
import { type ExecutionResult, messageOfCause } from '../functions/shared/contract/workflow.ts';

export type RunEnd = { kind: 'completed'; result: ExecutionResult } | { kind: 'failed'; why: string };

export interface Run {
  stepFunctions: SFNClient;
  executionArn: string;
  readLog: () => Promise<LogLine[]>;
  screen: Screen;
}

// Each poll costs the embedded cloud, which does its work on the same cores, about 10 ms.
const POLL_MS = 400;

/** Shows the log and the progress of a run until it has ended. */
export async function followRun({ stepFunctions, executionArn, readLog, screen }: Run): Promise<RunEnd> {
  let processed = 0;
  screen.working('running');
  for (;;) {
    // Asked before the log is read, so that all lines of an ended run are there.
    const execution = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    for (const line of await readLog()) {
      screen.print(formatLine(line));
      if (!line.progress) continue;
      processed += line.progress.processed;
      screen.progress(processed, line.progress.total);
    }
    if (execution.status === 'RUNNING') {
      await delay(POLL_MS);
      continue;
    }
    screen.close();
    if (execution.status === 'SUCCEEDED')
      return { kind: 'completed', result: JSON.parse(execution.output ?? '{}') };
    return { kind: 'failed', why: whyFailed(execution) };
  }
}

/** One sentence: the stack trace is in the log of the function that failed. */
export function whyFailed({
  status,
  error,
  cause,
}: Pick<DescribeExecutionCommandOutput, 'status' | 'error' | 'cause'>): string {
  return [error ?? status, cause && messageOfCause(cause)].filter(Boolean).join(': ');
}
