import type {
  ChangeEvent,
  ExecutionResult,
  SynchronizeBatchResult,
  WorkflowEvent,
} from '../../functions/contract.ts';
import type { Row, Table } from '../../functions/dynamodb.ts';
import { beginExecution } from '../../functions/executions/begin.ts';
import { KEYS } from '../../functions/executions/keys.ts';
import { requireListing } from '../../functions/executions/listing.ts';
import type { ItemRow } from '../../functions/executions/progress.ts';
import { registerExecution } from '../../functions/executions/register.ts';
import type { JobExecutionId, RunOptions } from '../../functions/vocabulary.ts';
import type { RemovalDependencies } from '../../functions/workflow/steps/choose-candidates.ts';
import { createMissingWebhooks } from '../../functions/workflow/steps/create-webhooks.ts';
import { complete } from '../../functions/workflow/steps/finish.ts';
import { list } from '../../functions/workflow/steps/list.ts';
import { removeDeletedItems } from '../../functions/workflow/steps/remove-deleted-items.ts';
import { synchronize } from '../../functions/workflow/steps/synchronize.ts';
import { type Bank, ORGANIZATION, PROJECT_WEBHOOK_URL, WEBHOOK_SECRET } from './bank.ts';
import { type Clock, createClock, HOUR_MS } from './clock.ts';
import { allRows, type TableSchema } from './dynamodb.ts';
import { executionArn } from './executions.ts';
import { ITEMS_TABLE } from './items-table.ts';
import { createLog, type RecordedLog } from './log.ts';

type Dependencies = RemovalDependencies;

/** A run that holds the lock, and its steps as the state machine calls them. */
export interface Run {
  dependencies: Dependencies;
  event: WorkflowEvent;
  clock: Clock;
  log: RecordedLog;
  /** What was told of changes. */
  events: ChangeEvent[];
  list: () => ReturnType<typeof list>;
  batch: (batch: number) => Promise<SynchronizeBatchResult>;
  /** All batches, one after another. */
  batches: () => Promise<SynchronizeBatchResult[]>;
  createWebhooks: () => ReturnType<typeof createMissingWebhooks>;
  remove: () => ReturnType<typeof removeDeletedItems>;
  complete: () => ReturnType<typeof complete>;
  /** Every step, in the state machine's order. */
  all: () => ReturnType<typeof complete>;
  items: () => Promise<(Row & ItemRow)[]>;
}

/** Where a run writes. */
export interface Tables {
  table: Table;
  items: Table;
}

export interface RunSetup {
  newTable: (schema?: TableSchema) => Promise<Table>;
  bank: Bank;
  /** Those of an earlier run, whose record has ended. */
  tables?: Tables;
  clock?: Clock;
  options?: Partial<RunOptions>;
  overrides?: Partial<Dependencies>;
}

const ALL_THE_TIME_MS = 15 * 60_000;

export async function beginRun(setup: RunSetup): Promise<Run> {
  const { bank, clock = createClock(), overrides } = setup;
  const { table, items } = setup.tables ?? (await newTables(setup));
  const options: RunOptions = { dryRun: false, ...setup.options };
  const { executionArn: arn, jobExecutionId } = await begin(table, clock, options);
  const log = createLog();
  const events: ChangeEvent[] = [];
  const dependencies: Dependencies = {
    log,
    now: clock.now,
    remainingTimeMs: () => ALL_THE_TIME_MS,
    table,
    items,
    organization: ORGANIZATION,
    projectWebhookUrl: PROJECT_WEBHOOK_URL,
    webhookScope: 'repository',
    ignored: new Set(),
    removalEnabled: true,
    limitPercent: 10,
    publish: async (published) => void events.push(...published),
    connect: async () => ({ github: bank.github, webhookSecret: WEBHOOK_SECRET }),
    ...overrides,
  };
  const deadline = new Date(clock.now().getTime() + 6 * HOUR_MS).toISOString();
  const event: WorkflowEvent = { executionArn: arn, jobExecutionId, deadline };
  return { dependencies, event, clock, log, events, ...stepsOf(dependencies, event) };
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

async function newTables({ newTable }: RunSetup): Promise<Tables> {
  return { table: await newTable(), items: await newTable(ITEMS_TABLE) };
}

async function begin(table: Table, { now }: Clock, options: RunOptions) {
  const dependencies = { table, now, findEnding: async () => undefined, dryRunOnly: false };
  const registered = await registerExecution(dependencies, {
    trigger: 'api',
    startedBy: 'alice',
    options,
    executionArn: (id) => executionArn(`sync-${id}-token`),
  });
  if (registered.kind !== 'registered') throw new Error('a start without a slot cannot meet one');
  return (await beginExecution(dependencies, registered.execution.executionArn)).execution;
}

function stepsOf(dependencies: Dependencies, event: WorkflowEvent) {
  const batch = (number: number) => synchronize(dependencies, { ...event, batch: number, workers: 10 });
  const steps = {
    list: () => list(dependencies, event),
    batch,
    batches: async () => {
      const results: SynchronizeBatchResult[] = [];
      const { batches } = await requireListing(dependencies.table, event.jobExecutionId);
      for (const { batch: number } of batches) results.push(await batch(number));
      return results;
    },
    createWebhooks: () => createMissingWebhooks(dependencies, event),
    remove: () => removeDeletedItems(dependencies, event),
    complete: () => complete(dependencies, event),
    items: () => itemsOf(dependencies.table, event.jobExecutionId),
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

async function itemsOf(table: Table, id: JobExecutionId): Promise<(Row & ItemRow)[]> {
  const { pk } = KEYS.workingRows(id);
  const rows = await allRows(table);
  return rows.filter((row) => row['pk'] === pk && String(row['sk']).startsWith('ITEM#')) as (Row & ItemRow)[];
}
