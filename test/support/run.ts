import { claimLock } from '../../functions/executions/begin.ts';
import type { ItemRow } from '../../functions/executions/item-result.ts';
import type { JobExecution } from '../../functions/executions/job-execution.ts';
import { KEYS } from '../../functions/executions/keys.ts';
import { requireListing } from '../../functions/executions/listing.ts';
import { registerExecution } from '../../functions/executions/register.ts';
import { completeExecution } from '../../functions/handlers/complete-execution.ts';
import { createWebhooks } from '../../functions/handlers/create-webhooks.ts';
import { type ListDependencies, listItemBankIds } from '../../functions/handlers/list-item-bank-ids.ts';
import { removeDeletedItems } from '../../functions/handlers/remove-deleted-items.ts';
import { type BatchStepDependencies, synchronizeBatch } from '../../functions/handlers/synchronize-batch.ts';
import type { RemovalDependencies } from '../../functions/removal/candidates.ts';
import type { ChangeEvent, FinishedRun } from '../../functions/shared/contract/events.ts';
import type { JobExecutionId } from '../../functions/shared/contract/ids.ts';
import type { RunOptions } from '../../functions/shared/contract/job-execution.ts';
import type {
  ExecutionResult,
  SynchronizeBatchResult,
  WorkflowEvent,
} from '../../functions/shared/contract/workflow.ts';
import type { Row, Table } from '../../functions/shared/dynamodb.ts';
import type { EndDependencies } from '../../functions/synchronization/end-execution.ts';
import { type Bank, ORGANIZATION, PROJECT_WEBHOOK_URL, WEBHOOK_SECRET } from './bank.ts';
import { type Clock, createClock, HOUR_MS } from './clock.ts';
import { allRows, type TableSchema } from './dynamodb.ts';
import { executionArn } from './executions.ts';
import { ITEMS_TABLE } from './items-table.ts';
import { createLog, type RecordedLog } from './log.ts';
import { type EmittedMetrics, recordMetrics } from './metrics.ts';

type Dependencies = RemovalDependencies &
  BatchStepDependencies &
  EndDependencies &
  Pick<ListDependencies, 'redeliverFailedDeliveries'>;

/** A run that holds the lock, and its steps as the state machine calls them. */
export interface Run {
  dependencies: Dependencies;
  event: WorkflowEvent;
  clock: Clock;
  log: RecordedLog;
  /** The published change events. */
  events: ChangeEvent[];
  /** The notifications that were sent. */
  notifications: FinishedRun[];
  /** The metrics of each line, with its fields. */
  metrics: EmittedMetrics[];
  list: () => ReturnType<typeof listItemBankIds>;
  batch: (batch: number) => Promise<SynchronizeBatchResult>;
  /** All batches, one after another. */
  batches: () => Promise<SynchronizeBatchResult[]>;
  createWebhooks: () => ReturnType<typeof createWebhooks>;
  remove: () => ReturnType<typeof removeDeletedItems>;
  complete: () => ReturnType<typeof completeExecution>;
  /** Every step, in the state machine's order. */
  all: () => ReturnType<typeof completeExecution>;
  items: () => Promise<(Row & ItemRow)[]>;
}

/** Where a run writes. */
export interface Tables {
  executionsTable: Table;
  itemsTable: Table;
}

export interface RunSetup {
  newTable: (schema?: TableSchema) => Promise<Table>;
  bank: Bank;
  /** Those of an earlier run, whose record has ended. */
  tables?: Tables;
  clock?: Clock;
  options?: Partial<RunOptions>;
  /** An execution that was registered before, for example by a route. */
  registered?: JobExecution;
  overrides?: Partial<Dependencies>;
}

const ALL_THE_TIME_MS = 15 * 60_000;

/** What the steps of a run work with, and what they do besides writing to the tables. */
export type RunParts = Pick<Run, 'dependencies' | 'clock' | 'log' | 'events' | 'notifications' | 'metrics'>;

export async function beginRun(setup: RunSetup): Promise<Run> {
  const tables = setup.tables ?? (await newTables(setup.newTable));
  const parts = runParts(setup, tables);
  const { dependencies, clock } = parts;
  const { executionsTable } = tables;
  const options: RunOptions = { dryRun: false, ...setup.options };
  const registered = setup.registered ?? (await register(executionsTable, clock, options));
  const claim = { executionsTable, now: clock.now, findEnding: async () => undefined, dryRunOnly: false };
  const { executionArn: arn, jobExecutionId } = (await claimLock(claim, registered.executionArn)).execution;
  const deadline = new Date(clock.now().getTime() + 6 * HOUR_MS).toISOString();
  const event: WorkflowEvent = { executionArn: arn, jobExecutionId, deadline };
  return { ...parts, event, ...stepsOf(dependencies, event) };
}

/** The parts of a run on these tables that does not begin. */
export function runParts(
  { bank, clock = createClock(), overrides }: Pick<RunSetup, 'bank' | 'clock' | 'overrides'>,
  { executionsTable, itemsTable }: Tables,
): RunParts {
  bank.follow(clock);
  const log = createLog();
  const events: ChangeEvent[] = [];
  const notifications: FinishedRun[] = [];
  const { metrics, emitMetrics } = recordMetrics();
  const dependencies: Dependencies = {
    log,
    now: clock.now,
    remainingTimeMs: () => ALL_THE_TIME_MS,
    executionsTable,
    itemsTable,
    organization: ORGANIZATION,
    projectWebhookUrl: PROJECT_WEBHOOK_URL,
    webhookScope: 'repository',
    ignored: new Set(),
    removalEnabled: true,
    limitPercent: 10,
    redeliverFailedDeliveries: false,
    deliveriesMayBePending: async () => false,
    publish: async (published) => void events.push(...published),
    notify: async (run) => void notifications.push(run),
    emitMetrics,
    connect: async () => ({ github: bank.github, webhookSecret: WEBHOOK_SECRET }),
    ...overrides,
  };
  return { dependencies, clock, log, events, notifications, metrics };
}

/** A run that has ended. */
export interface EndedRun extends Run {
  exit: ExecutionResult;
}

const BETWEEN_RUNS_MS = 24 * HOUR_MS;

/** @returns a function that does all of the next run, which meets what the runs before it left. */
export function nightlyRuns(setup: RunSetup): (options?: Partial<RunSetup>) => Promise<EndedRun> {
  let { tables, clock = createClock() } = setup;
  return async (options) => {
    const run = await beginRun({ ...setup, clock, ...(tables && { tables }), ...options });
    const exit = await run.all();
    tables = run.dependencies;
    clock.advance(BETWEEN_RUNS_MS);
    return { ...run, exit };
  };
}

export async function newTables(newTable: RunSetup['newTable']): Promise<Tables> {
  return { executionsTable: await newTable(), itemsTable: await newTable(ITEMS_TABLE) };
}

export async function register(executionsTable: Table, { now }: Clock, options: RunOptions) {
  const dependencies = { executionsTable, now, findEnding: async () => undefined };
  const registered = await registerExecution(dependencies, {
    trigger: 'api',
    startedBy: 'alice',
    options,
    executionArn: (id) => executionArn(`sync-${id}-token`),
  });
  if (registered.kind !== 'registered') throw new Error('a start without a slot cannot meet one');
  return registered.execution;
}

function stepsOf(dependencies: Dependencies, event: WorkflowEvent) {
  const batch = (number: number) => synchronizeBatch(dependencies, { ...event, batch: number, workers: 10 });
  const steps = {
    list: () => listItemBankIds(dependencies, event),
    batch,
    batches: async () => {
      const results: SynchronizeBatchResult[] = [];
      const { batches } = await requireListing(dependencies.executionsTable, event.jobExecutionId);
      for (const { batch: number } of batches) results.push(await batch(number));
      return results;
    },
    createWebhooks: () => createWebhooks(dependencies, event),
    remove: () => removeDeletedItems(dependencies, event),
    complete: () => completeExecution(dependencies, event),
    items: () => itemsOf(dependencies.executionsTable, event.jobExecutionId),
  };
  const all = async () => {
    await steps.list();
    await steps.batches();
    await steps.createWebhooks();
    await steps.remove();
    return steps.complete();
  };
  return { ...steps, all };
}

async function itemsOf(executionsTable: Table, id: JobExecutionId): Promise<(Row & ItemRow)[]> {
  const { pk } = KEYS.workingRows(id);
  const rows = await allRows(executionsTable);
  return rows.filter((row) => row['pk'] === pk && String(row['sk']).startsWith('ITEM#')) as (Row & ItemRow)[];
}
