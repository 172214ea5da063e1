import { setTimeout as delay } from 'node:timers/promises';
import { DescribeExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { LogLine } from '../functions/shared/contract/log-line.ts';
import type { ExecutionResult } from '../functions/shared/contract/workflow.ts';
import { formatLine } from './log-reader.ts';
import type { Screen } from './screen.ts';

export type RunEnd = { kind: 'completed'; result: ExecutionResult } | { kind: 'failed'; why: string };

export interface Run {
  stepFunctions: SFNClient;
  executionArn: string;
  readLog: () => Promise<LogLine[]>;
  screen: Screen;
}

const POLL_MS = 200;

/** Shows the log of a run as it comes, and how far the run is, until it has ended. */
export async function followRun({ stepFunctions, executionArn, readLog, screen }: Run): Promise<RunEnd> {
  let processed = 0;
  for (;;) {
    // Asked before the log is read: what an ended run has logged is there to be read.
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
    return {
      kind: 'failed',
      why: [execution.error ?? execution.status, execution.cause].filter(Boolean).join(': '),
    };
  }
}
