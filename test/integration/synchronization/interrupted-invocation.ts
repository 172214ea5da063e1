import type { ChangeEvent } from '../../../functions/shared/contract/events.ts';
import type { WorkflowEvent } from '../../../functions/shared/contract/workflow.ts';
import { putRows, type Row, type Table } from '../../../functions/shared/dynamodb.ts';
import { type Bank, connect, WEBHOOK_SECRET } from '../../support/bank.ts';
import { allRows, type TableSchema } from '../../support/dynamodb.ts';
import { ITEMS_TABLE } from '../../support/items-table.ts';
import type { Run } from '../../support/run.ts';

type Dependencies = Run['dependencies'];

/** A step of a run, and what the run has left before it. */
export interface Scene {
  newTable: (schema?: TableSchema) => Promise<Table>;
  bank: Bank;
  run: Run;
  step: (dependencies: Dependencies, event: WorkflowEvent) => Promise<unknown>;
}

/** How a step left both tables, and what was told of it. */
export interface Ending {
  records: Row[];
  mirror: Row[];
  events: string[];
}

/**
 * Does a step on copies of the tables; before that, if `requests` are given, another invocation does it, and dies when
 * it is about to make one request more than so many.
 */
export async function play(scene: Scene, requests?: number): Promise<Ending & { died: boolean }> {
  const { run, step } = scene;
  const executionsTable = await copyOf(run.dependencies.executionsTable, scene.newTable);
  const itemsTable = await copyOf(run.dependencies.itemsTable, scene.newTable, ITEMS_TABLE);
  const told: ChangeEvent[] = [];
  const publish = async (events: readonly ChangeEvent[]) => void told.push(...events);
  const dependencies = { ...run.dependencies, executionsTable, itemsTable, publish };
  const died = requests !== undefined && (await dies(scene, dependencies, requests));
  await step(dependencies, run.event);
  return {
    died,
    records: (await allRows(executionsTable))
      .filter(isNoAccount)
      .map(without('revisions'))
      .map(without('requests')),
    mirror: (await allRows(itemsTable)).map(without('version')),
    events: [
      ...new Set(told.map(({ type, detail }) => JSON.stringify({ type, ...detail, version: 0 }))),
    ].sort(),
  };
}

async function copyOf(table: Table, newTable: Scene['newTable'], schema?: TableSchema): Promise<Table> {
  const copy = await newTable(schema);
  await putRows(copy, await allRows(table));
  return copy;
}

/** What was asked of GitHub before a death is asked again after it, or is not. */
const isNoAccount = ({ sk }: Row): boolean => sk !== 'REQUESTS';

/** An invocation that finds its work done has nothing to put, and a change that is done anew has a higher version. */
const without =
  (name: string) =>
  ({ [name]: _, ...row }: Row): Row =>
    row;

/** Requests that were under way when it died are carried out. @returns whether it died. */
async function dies(
  { bank, run, step }: Scene,
  dependencies: Dependencies,
  requests: number,
): Promise<boolean> {
  const made: Promise<unknown>[] = [];
  let isDead = false;
  const make = <Answer>(request: () => Promise<Answer>): Promise<Answer> => {
    isDead ||= made.length === requests;
    if (isDead) return Promise.reject(new Error('the invocation died'));
    const answer = request();
    made.push(answer);
    return answer;
  };
  const mortal = mortalDependencies(bank, dependencies, make);
  const [ending] = await Promise.allSettled([step(mortal, run.event)]);
  await Promise.allSettled(made);
  if (ending.status === 'rejected' && !isDead) throw ending.reason;
  return isDead;
}

type Make = <Answer>(request: () => Promise<Answer>) => Promise<Answer>;

function mortalDependencies(
  bank: Bank,
  { executionsTable, itemsTable, publish, ...others }: Dependencies,
  make: Make,
): Dependencies {
  const github = connect(bank.site);
  github.hook.wrap('request', (request, options) => make(async () => request(options)));
  return {
    ...others,
    executionsTable: mortalTable(executionsTable, make),
    itemsTable: mortalTable(itemsTable, make),
    publish: (events) => make(() => publish(events)),
    connect: async () => ({ github, webhookSecret: WEBHOOK_SECRET }),
  };
}

function mortalTable(table: Table, make: Make): Table {
  const send: Table['client']['send'] = (...request: [never]) => make(() => table.client.send(...request));
  const client = new Proxy(table.client, {
    get: (target, property) => (property === 'send' ? send : Reflect.get(target, property)),
  });
  return { ...table, client };
}
