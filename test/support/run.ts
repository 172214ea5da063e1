import type { SynchronizeBatchResult, WorkflowEvent } from '../../functions/contract.ts';
import type { Row, Table } from '../../functions/dynamodb.ts';
import { beginExecution } from '../../functions/executions/begin.ts';
import { KEYS } from '../../functions/executions/keys.ts';
import { requireListing } from '../../functions/executions/listing.ts';
import type { ItemRow } from '../../functions/executions/progress.ts';
import type { Invocation } from '../../functions/runtime/entry-point.ts';
import type { GitHubAccess } from '../../functions/runtime/github-access.ts';
import { type JobExecutionId, jobExecutionId } from '../../functions/vocabulary.ts';
import { createMissingWebhooks } from '../../functions/workflow/steps/create-webhooks.ts';
import { complete } from '../../functions/workflow/steps/finish.ts';
import { list } from '../../functions/workflow/steps/list.ts';
import { synchronize } from '../../functions/workflow/steps/synchronize.ts';
import { type Bank, ORGANIZATION, PROJECT_WEBHOOK_URL, WEBHOOK_SECRET } from './bank.ts';
import { type Clock, createClock, HOUR_MS } from './clock.ts';
import { allRows } from './dynamodb.ts';
import { executionArn } from './executions.ts';
import { createLog, type RecordedLog } from './log.ts';

type RunDependencies = Invocation & {
  table: Table;
  organization: string;
  projectWebhookUrl: string;
  ignored: Set<string>;
  connect: () => Promise<GitHubAccess>;
};

/** A run that holds the lock, and its steps as the state machine calls them. */
export interface Run {
  dependencies: RunDependencies;
  event: WorkflowEvent;
  clock: Clock;
  log: RecordedLog;
  list: () => ReturnType<typeof list>;
  batch: (batch: number) => Promise<SynchronizeBatchResult>;
  /** All batches, one after another. */
  batches: () => Promise<SynchronizeBatchResult[]>;
  createWebhooks: () => ReturnType<typeof createMissingWebhooks>;
  complete: () => ReturnType<typeof complete>;
  items: () => Promise<(Row & ItemRow)[]>;
}

export interface RunOptions {
  table: Table;
  bank: Bank;
  clock?: Clock;
  overrides?: Partial<RunDependencies>;
}

const ALL_THE_TIME_MS = 15 * 60_000;
const ID: JobExecutionId = jobExecutionId(1);

export async function beginRun({ table, bank, clock = createClock(), overrides }: RunOptions): Promise<Run> {
  const arn = executionArn('a-run');
  await beginExecution({ table, now: clock.now, findEnding: async () => undefined }, arn);
  const log = createLog();
  const dependencies: RunDependencies = {
    log,
    now: clock.now,
    remainingTimeMs: () => ALL_THE_TIME_MS,
    table,
    organization: ORGANIZATION,
    projectWebhookUrl: PROJECT_WEBHOOK_URL,
    ignored: new Set(),
    connect: async () => ({ github: bank.github, webhookSecret: WEBHOOK_SECRET }),
    ...overrides,
  };
  const deadline = new Date(clock.now().getTime() + 6 * HOUR_MS).toISOString();
  const event: WorkflowEvent = { executionArn: arn, jobExecutionId: ID, deadline };
  return { dependencies, event, clock, log, ...stepsOf(dependencies, event) };
}

function stepsOf(dependencies: RunDependencies, event: WorkflowEvent) {
  const batch = (number: number) => synchronize(dependencies, { ...event, batch: number, workers: 10 });
  return {
    list: () => list(dependencies, event),
    batch,
    batches: async () => {
      const results: SynchronizeBatchResult[] = [];
      const { batches } = await requireListing(dependencies.table, event.jobExecutionId);
      for (const { batch: number } of batches) results.push(await batch(number));
      return results;
    },
    createWebhooks: () => createMissingWebhooks(dependencies, event),
    complete: () => complete(dependencies, event),
    items: () => itemsOf(dependencies.table),
  };
}

async function itemsOf(table: Table): Promise<(Row & ItemRow)[]> {
  const partition = KEYS.listing(ID).pk;
  const rows = await allRows(table);
  return rows.filter(({ pk, sk }) => pk === partition && sk.startsWith('ITEM#')) as (Row & ItemRow)[];
}
