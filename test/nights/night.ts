import './silent-log.ts';
import { SPOILT_ITEMS } from '../property/item-text.ts';
import { memberAt, type Organization, openOrganization } from '../property/organization.ts';
import { perform } from '../property/people.ts';
import { type Bank, connect, startBank } from '../support/bank.ts';
import type { NewTable } from '../support/dynamodb.ts';
import { ITEMS_TABLE } from '../support/items-table.ts';
import type { Tables } from '../support/run.ts';
import { writeBankFolder } from './bank-folder.ts';
import { checkMorning } from './checks.ts';
import { type SimulatedCloud, startCloud, stateMachine } from './cloud.ts';
import { fetchOver } from './github-wire.ts';
import { change, mendMirrored } from './people-at-work.ts';
import type { NightPlan, RunPlan } from './plan.ts';
import { createScript, type Event, type Script } from './script.ts';
import { inSimulatedTime, type SimulatedTime } from './simulated-time.ts';

const PEOPLE = 'the-token-of-the-people';
const START = new Date('2026-11-23T09:00:00.000Z');
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Only the limit of the hour is GitHub's own. The others come as incidents. */
const MANY = 1_000_000;
const LIMITS = {
  ...{ requestsInFlight: MANY, restPointsPerMinute: MANY, graphqlPointsPerMinute: MANY },
  ...{ contentWritesPerMinute: MANY, contentWritesPerHour: MANY },
};

/** A bank, people who work in it, and the product. */
export interface Scene {
  time: SimulatedTime;
  script: Script;
  bank: Bank;
  tables: Tables;
  organization: Organization;
  cloud: SimulatedCloud;
}

/** What happened in a night that left everything as it should be. */
export interface NightFigures {
  /** How often each class of incidents happened. */
  happened: Map<string, number>;
  /** Executions of the state machine. */
  runs: number;
  /** The same whenever the night is played. */
  trace: string;
}

/** @throws AssertionError if the clean run at the end leaves anything that is not as it should be. */
export async function playNight(plan: NightPlan, newTable: NewTable): Promise<NightFigures> {
  const closing: (() => Promise<void>)[] = [];
  let scene: Scene | undefined;
  const wire = () => {
    if (!scene) throw new Error('there is no GitHub before the scene is set');
    return { ...scene, site: scene.bank.site };
  };
  const { seed } = plan;
  try {
    return await inSimulatedTime({ start: START, seed, fetch: fetchOver(wire) }, async (time) => {
      scene = await setScene(plan, newTable, { time, closing });
      for (const run of plan.runs) await playRun(scene, run);
      return endNight(scene, newTable);
    });
  } finally {
    for (const close of closing) await close();
  }
}

async function setScene(
  plan: NightPlan,
  newTable: NewTable,
  { time, closing }: { time: SimulatedTime; closing: (() => Promise<void>)[] },
): Promise<Scene> {
  const { bank, tables, organization } = await time.outside(async () => {
    // What is loaded for it must not take a part of this night's chance.
    stateMachine();
    const { folder, remove } = await writeBankFolder(plan.repositories);
    closing.push(remove);
    const bank = await startBank(
      {
        itemBankFolder: folder,
        repositories: plan.repositories,
        withoutProjectWebhook: Math.min(3, plan.repositories),
        seed: plan.seed,
        limits: plan.limits === 'off' ? 'off' : LIMITS,
        otherTokens: [{ token: PEOPLE, role: 'admin', scopes: ['repo', 'admin:repo_hook', 'delete_repo'] }],
        now: time.now,
      },
      (close) => closing.push(close),
    );
    const tables = { executionsTable: await newTable(), itemsTable: await newTable(ITEMS_TABLE) };
    const people = connect(bank.site, PEOPLE);
    const organization = await openOrganization(people, time, plan.repositories + 10);
    for (let place = 0; place < plan.unreadable; place += 1) await spoil(organization, place);
    for (let place = 0; place < plan.longHistories; place += 1) await saveOften(organization, place);
    return { bank, tables, organization };
  });
  const script = createScript(time, (event) => act(scene, event));
  const cloud = startCloud({ time, script, bank, tables, limits: plan.limits });
  const scene: Scene = { time, script, bank, tables, organization, cloud };
  return scene;
}

const FAULTS = Object.keys(SPOILT_ITEMS) as (keyof typeof SPOILT_ITEMS)[];

const spoil = (organization: Organization, place: number): Promise<void> =>
  perform(organization, {
    ...{ kind: 'spoil item', repository: place * 7 },
    fault: memberAt(FAULTS, place) ?? 'is not JSON',
  });

// Three pages of its history, and more revisions than fit into two transactions.
const saveOften = (organization: Organization, place: number): Promise<void> =>
  perform(organization, { kind: 'save item often', repository: place * 11 + 1, times: 210 });

async function act({ time, cloud, organization }: Scene, event: Event): Promise<void> {
  switch (event.what) {
    case 'change':
      return time.outside(() => change(organization, event.change));
    case 'machine dies':
      return cloud.die(event.minutes);
    case 'run is stopped':
      for (const { executionArn, status } of cloud.stepFunctions.executions.values()) {
        if (status === 'RUNNING')
          cloud.stepFunctions.stop(executionArn, { error: 'Stopped', cause: 'by hand' });
      }
      return;
    case 'item is synchronized': {
      const repository = memberAt(organization.repositories, event.repository);
      if (repository) cloud.inBackground(() => cloud.synchronizeItem(repository.id));
      return;
    }
    case 'another start':
      return cloud.inBackground(() => start(cloud, time, { by: event.by, dryRun: false }));
    case 'invocation dies':
      return cloud.lambda.kill(event.how);
  }
}

async function start(
  cloud: SimulatedCloud,
  time: SimulatedTime,
  { by, dryRun }: Pick<RunPlan, 'by' | 'dryRun'>,
): Promise<void> {
  switch (by) {
    case 'api':
      return void (await cloud.startByApi({ dryRun, removalLimitPercent: 100 }));
    case 'console':
      return cloud.startInConsole();
    case 'schedule': {
      const minute = new Date(Math.floor(time.now().getTime() / MINUTE_MS) * MINUTE_MS);
      // EventBridge delivers an event at least once.
      await Promise.all([cloud.startBySchedule(minute), cloud.startBySchedule(minute)]);
    }
  }
}

async function playRun(scene: Scene, plan: RunPlan): Promise<void> {
  const { time, script, cloud, organization } = scene;
  await time.sleep(plan.minutesLater * MINUTE_MS);
  for (const one of plan.changes) await time.outside(() => change(organization, one));
  script.begin(plan.incidents);
  await start(cloud, time, plan);
  await cloud.stepFunctions.allEnded();
}

/** Everything that is still going on ends; people repair their files; and one run has no incidents. */
async function endNight(scene: Scene, newTable: NewTable): Promise<NightFigures> {
  const { time, script, cloud } = scene;
  script.end();
  await time.sleep(DAY_MS);
  await time.outside(() => mendMirrored(scene));
  const answer = await cloud.startByApi({ dryRun: false, removalLimitPercent: 100 });
  await cloud.stepFunctions.allEnded();
  await time.sleep(DAY_MS);
  await time.outside(() => checkMorning(scene, { newTable, answer }));
  return { happened: script.happened, runs: cloud.stepFunctions.executions.size, trace: script.trace() };
}
