import { setTimeout as delay } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { type Counts, requireExecution } from '../../functions/executions/job-execution.ts';
import { jobExecutionId } from '../../functions/shared/contract/ids.ts';
import { ROUTES } from '../../functions/shared/contract/routes.ts';
import { STATES } from '../../functions/shared/contract/workflow.ts';
import { stepFunctionsClient } from '../../local/aws-clients.ts';
import type { BenchGitHub, Usage } from '../github/github.ts';
import type { Consumption } from '../prices.ts';
import type { BenchFunction } from './assembly.ts';
import type { Installation } from './installation.ts';
import { readReports } from './lambda-reports.ts';
import { readEvents } from './log-events.ts';
import { type HistoryLine, readHistory, secondsIn } from './state-machine-history.ts';

/** The figures of one run of the product. */
export interface RunFigures {
  /** From the request that started it to the end of its execution. */
  seconds: number;
  /** The time in the state that lists the bank. */
  listingSeconds: number;
  exitCode: string;
  counts: Counts;
  github: Usage;
  consumption: Consumption;
  historyEvents: number;
  largestPayloadBytes: number;
  workerBytes: number;
}

export interface RunSetting {
  installation: Installation;
  github: BenchGitHub;
  functions: readonly BenchFunction[];
  /** When the run is stopped. */
  timeoutSeconds: number;
}

// Not more often, because polling slows the run down. The end time is that of the execution.
const POLL_MS = 250;
const Started = z.object({ executionArn: z.string(), jobExecutionId: z.number() });

/** Starts a run as an operator does, and reads its figures from outside. */
export async function measureRun(setting: RunSetting): Promise<RunFigures> {
  const { installation, github } = setting;
  const token = await installation.token();
  await github.reset();
  installation.meter.reset();
  await installation.workerBytes();

  const startedAt = Date.now();
  const started = await startRun(installation, token);
  const { stopDate } = await waitForEnd(setting, { ...started, startedAt });
  const usage = await github.usage();
  const { read, write } = installation.meter.units();
  const workerBytes = await installation.workerBytes();
  const lines = await readHistoryLines(installation, started.executionArn);
  const { transitions, historyEvents, largestPayloadBytes } = readHistory(lines);
  const { exitCode, counts } = await requireExecution(
    installation.jobExecutions,
    jobExecutionId(started.jobExecutionId),
  );
  if (!stopDate || !exitCode || !counts)
    throw new Error('the record of an ended run has no end, exit code or counts');
  return {
    seconds: (stopDate.getTime() - startedAt) / 1_000,
    listingSeconds: secondsIn(STATES.listItemBankIds, lines),
    exitCode,
    counts,
    github: usage,
    consumption: {
      transitions,
      ...(await readLambdaFigures(setting, startedAt)),
      readUnits: read,
      writeUnits: write,
      // One for each change, and one for the end of the run.
      events: counts.created + counts.updated + counts.removed + 1,
    },
    historyEvents,
    largestPayloadBytes,
    workerBytes,
  };
}

async function startRun({ apiEndpoint }: Installation, token: string): Promise<z.infer<typeof Started>> {
  const { method, path } = ROUTES.startSync;
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${apiEndpoint}${path}`, { method, headers });
  return Started.parse(await answer.json());
}

/** @throws Error if the run fails, or has to be stopped. */
async function waitForEnd(
  { installation, timeoutSeconds }: RunSetting,
  { executionArn, startedAt }: { executionArn: string; startedAt: number },
): Promise<DescribeExecutionOutput> {
  const stepFunctions = stepFunctionsClient(installation.awsEndpoint);
  const deadline = startedAt + timeoutSeconds * 1_000;
  try {
    while (Date.now() < deadline) {
      const execution = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
      if (execution.status === 'SUCCEEDED') return execution;
      if (execution.status !== 'RUNNING') throw new Error(`a run ended as ${execution.status}`);
      await delay(POLL_MS);
    }
    await stepFunctions.send(new StopExecutionCommand({ executionArn }));
  } finally {
    stepFunctions.destroy();
  }
  const processed = await countProcessed(installation, startedAt);
  throw new Error(`the run was stopped after ${timeoutSeconds} seconds, with ${processed} ids processed`);
}

const ProgressLine = z.object({ progress: z.object({ processed: z.number() }) });

async function countProcessed(installation: Installation, startTime: number): Promise<number> {
  const events = await readEvents(installation, { logGroupName: installation.names.logGroup, startTime });
  const lines = events.filter(({ message }) => message?.includes('"progress"'));
  return lines.reduce((sum, { message = '' }) => {
    const line = ProgressLine.safeParse(JSON.parse(message));
    return sum + (line.data?.progress.processed ?? 0);
  }, 0);
}

async function readHistoryLines(installation: Installation, executionArn: string): Promise<HistoryLine[]> {
  const { stateMachineLogGroup, stateMachine } = installation.names;
  const name = executionArn.split(':').at(-1) ?? '';
  const events = await readEvents(installation, {
    logGroupName: stateMachineLogGroup,
    logStreamNames: [`states/${stateMachine}/${name}`],
  });
  return events.map(({ message = '' }): HistoryLine => JSON.parse(message));
}

async function readLambdaFigures({ installation, functions }: RunSetting, startTime: number) {
  const events = await readEvents(installation, { logGroupName: installation.names.logGroup, startTime });
  return readReports(events, new Map(functions.map(({ name, memoryMb }) => [name, memoryMb])));
}
