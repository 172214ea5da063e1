import type { ChangeEvent } from '../../../functions/shared/contract/events.ts';
import type { WorkflowEvent } from '../../../functions/shared/contract/workflow.ts';
import { putRows, type Row, type Table } from '../../../functions/shared/dynamodb.ts';
import { type Bank, connect, WEBHOOK_SECRET } from '../../support/bank.ts';
import { allRows, type TableSchema } from '../../support/dynamodb.ts';
import { ITEMS_TABLE } from '../../support/items-table.ts';
import type { Run } from '../../support/run.ts';

type Dependencies = Run['dependencies'];

/** A workflow step, and the run whose tables it starts from. */
export interface StepSetup {
  newTable: (schema?: TableSchema) => Promise<Table>;
  bank: Bank;
  run: Run;
  step: (dependencies: Dependencies, event: WorkflowEvent) => Promise<unknown>;
}

/** The rows of both tables after a step, and the events that were published. */
export interface StepEffects {
  executionRows: Row[];
  mirrorRows: Row[];
  events: string[];
}

/**
 * Runs a step on copies of the tables. If `requests` is given, an earlier invocation of the same step runs first. It
 * makes that many requests and is interrupted when it attempts another one.
 */
export async function runOnCopies(
  setup: StepSetup,
  requests?: number,
): Promise<StepEffects & { interrupted: boolean }> {
  const { run, step } = setup;
  const executionsTable = await copyOf(run.dependencies.executionsTable, setup.newTable);
  const itemsTable = await copyOf(run.dependencies.itemsTable, setup.newTable, ITEMS_TABLE);
  const published: ChangeEvent[] = [];
  const publish = async (events: readonly ChangeEvent[]) => void published.push(...events);
  const dependencies = { ...run.dependencies, executionsTable, itemsTable, publish };
  const interrupted = requests !== undefined && (await runInterrupted(setup, dependencies, requests));
  await step(dependencies, run.event);
  return {
    interrupted,
    executionRows: (await allRows(executionsTable))
      .filter(isNotRequestCount)
      .map(without('revisions'))
      .map(without('requests'))
      .map(without('recordedBy'))
      .map(withoutVersions),
    mirrorRows: (await allRows(itemsTable)).map(without('version')),
    events: [
      ...new Set(published.map(({ type, detail }) => JSON.stringify({ type, ...detail, version: 0 }))),
    ].sort(),
  };
}

async function copyOf(table: Table, newTable: StepSetup['newTable'], schema?: TableSchema): Promise<Table> {
  const copy = await newTable(schema);
  await putRows(copy, await allRows(table));
  return copy;
}

/** Request counts depend on where the first invocation was interrupted. */
const isNotRequestCount = ({ sk }: Row): boolean => sk !== 'REQUESTS';

/**
 * Removes a field whose value may differ after a retry. A retry may add fewer revisions, increase a version, and names
 * itself.
 */
const without =
  (name: string) =>
  ({ [name]: _, ...row }: Row): Row =>
    row;

/** A retry marks candidates for removal once more, which increases the versions that their verdicts have. */
const withoutVersions = ({ verdicts, ...row }: Row): Row => {
  if (verdicts === undefined) return row;
  const entries = Object.entries(verdicts as Record<string, Row>);
  const withoutVersion = without('version');
  return {
    ...row,
    verdicts: Object.fromEntries(entries.map(([id, verdict]) => [id, withoutVersion(verdict)])),
  };
};

/**
 * Runs the step until it attempts one request more than `requests`. Requests in flight at that moment are completed.
 *
 * @returns whether the step was interrupted.
 */
async function runInterrupted(
  { bank, run, step }: StepSetup,
  dependencies: Dependencies,
  requests: number,
): Promise<boolean> {
  const sent: Promise<unknown>[] = [];
  let isInterrupted = false;
  const send = <Answer>(request: () => Promise<Answer>): Promise<Answer> => {
    isInterrupted ||= sent.length === requests;
    if (isInterrupted) return Promise.reject(new Error('the invocation was interrupted'));
    const answer = request();
    sent.push(answer);
    return answer;
  };
  const interruptible = interruptibleDependencies(bank, dependencies, send);
  const [result] = await Promise.allSettled([step(interruptible, run.event)]);
  await Promise.allSettled(sent);
  if (result.status === 'rejected' && !isInterrupted) throw result.reason;
  return isInterrupted;
}

type Send = <Answer>(request: () => Promise<Answer>) => Promise<Answer>;

function interruptibleDependencies(
  bank: Bank,
  { executionsTable, itemsTable, publish, ...others }: Dependencies,
  send: Send,
): Dependencies {
  const github = connect(bank.site);
  github.hook.wrap('request', (request, options) => send(async () => request(options)));
  return {
    ...others,
    executionsTable: interruptibleTable(executionsTable, send),
    itemsTable: interruptibleTable(itemsTable, send),
    publish: (events) => send(() => publish(events)),
    connect: async () => ({ github, webhookSecret: WEBHOOK_SECRET }),
  };
}

function interruptibleTable(table: Table, send: Send): Table {
  const sendCommand: Table['client']['send'] = (...request: [never]) =>
    send(() => table.client.send(...request));
  const client = new Proxy(table.client, {
    get: (target, property) => (property === 'send' ? sendCommand : Reflect.get(target, property)),
  });
  return { ...table, client };
}
