import { setTimeout as delay } from 'node:timers/promises';
import { Octokit } from '@octokit/rest';
import pMap from 'p-map';
import { readMirror } from '../../functions/mirror/read-mirror.ts';
import type { ItemBankId } from '../../functions/shared/contract/ids.ts';
import type { ListedRepository } from '../../functions/shared/contract/repositories.ts';
import { BANK } from '../github/bank.ts';
import { changeItem } from '../github/change-items.ts';
import type { FilledBank } from '../running-bank.ts';
import { percentile, spread } from '../statistics.ts';
import { arrive } from './arrivals.ts';
import type { Installation } from './installation.ts';
import { durationsOf } from './lambda-reports.ts';
import { readEvents } from './log-events.ts';

/** Pushes to item repositories while webhooks deliver them. */
export interface PushesPlan {
  ids: number;
  /** Pushes one after another, each after the mirror has the one before. */
  oneByOne: number;
  steady: { perSecond: number; seconds: number };
  /** Pushes at once, as by a script that edits many items. */
  atOnce: number;
  timeoutSeconds: number;
}

interface Latency {
  p50Ms: number;
  p99Ms: number;
}

export interface PushesFigures extends PushesPlan {
  /** ISO 8601. */
  at: string;
  /** From the answer to a push until the mirror has it. */
  idle: Latency;
  busy: Latency;
  bulk: {
    /** From the first push until the mirror has all. */
    seconds: number;
    /** How long the pushes alone took. */
    pushingSeconds: number;
    queriesPerPush: number;
    /** Answers 403 and 429. */
    limited: number;
  };
  /** How long the receiver worked on a delivery. */
  receiver: Latency;
}

/** A script that edits many items has so many requests in flight. */
const PUSHES_IN_FLIGHT = 20;
const POLL_MS = 25;

/** Pushes, and waits until the mirror has every push. The functions are warm after the first one. */
export async function measurePushes(
  plan: PushesPlan,
  { installation, github, repositories }: FilledBank,
): Promise<PushesFigures> {
  const octokit = new Octokit({ baseUrl: github.url, auth: BANK.token });
  const items = await itemsOnMain(installation, repositories);
  const shows = watchMirror(installation, plan.timeoutSeconds);
  const push = async ({ itemBankId, repositoryName }: ListedRepository): Promise<number> => {
    const commit = await changeItem(octokit, repositoryName);
    const pushedAt = performance.now();
    await shows(itemBankId, commit);
    return performance.now() - pushedAt;
  };
  const itemAt = (index: number): ListedRepository => {
    const item = items[index % items.length];
    if (!item) throw new Error('the bank has no items');
    return item;
  };
  await push(itemAt(0));
  const startTime = Date.now();
  const idle: number[] = [];
  for (let index = 1; index <= plan.oneByOne; index += 1) idle.push(await push(itemAt(index)));

  const busy: number[] = [];
  const send = async (index: number) => {
    busy.push(await push(itemAt(plan.oneByOne + 1 + index)));
    return { isRight: true, answer: 'mirrored' };
  };
  await arrive(plan.steady, (index) => ({ name: 'push', send: () => send(index) }));

  const bulk = await measureBulk(plan, { github, octokit, items, shows });
  const events = await readEvents(installation, { logGroupName: installation.names.logGroup, startTime });
  const receiver = latencyOf(durationsOf(events, `${installation.names.stateMachine}-receive-webhook`));
  const at = new Date().toISOString();
  return { ...plan, at, idle: latencyOf(idle), busy: latencyOf(busy), bulk, receiver };
}

interface Bulk extends Pick<FilledBank, 'github'> {
  octokit: Octokit;
  items: readonly ListedRepository[];
  shows: ReturnType<typeof watchMirror>;
}

async function measureBulk(
  { atOnce }: PushesPlan,
  { github, octokit, items, shows }: Bulk,
): Promise<PushesFigures['bulk']> {
  await github.reset();
  const startedAt = performance.now();
  const secondsSince = (): number => (performance.now() - startedAt) / 1_000;
  const shown: Promise<void>[] = [];
  const change = async ({ itemBankId, repositoryName }: ListedRepository): Promise<void> => {
    shown.push(shows(itemBankId, await changeItem(octokit, repositoryName)));
  };
  await pMap(spread(items, atOnce), change, { concurrency: PUSHES_IN_FLIGHT });
  const pushingSeconds = secondsSince();
  await Promise.all(shown);
  const seconds = secondsSince();
  const { queries, limited } = await github.usage();
  return { seconds, pushingSeconds, queriesPerPush: queries / shown.length, limited };
}

const latencyOf = (times: readonly number[]): Latency => ({
  p50Ms: percentile(times, 50),
  p99Ms: percentile(times, 99),
});

/** Items that are being created have no item.json on the main branch. */
async function itemsOnMain(
  { itemsTable }: Installation,
  repositories: readonly ListedRepository[],
): Promise<ListedRepository[]> {
  const rows = await readMirror(
    itemsTable,
    repositories.map(({ itemBankId }) => itemBankId),
  );
  return repositories.filter(({ itemBankId }) => rows.get(itemBankId)?.branch === MAIN);
}

const MAIN = 'main';

/** @returns a function that waits until the mirror shows a commit. One loop looks for all of them. */
function watchMirror({ itemsTable }: Installation, timeoutSeconds: number) {
  const wanted = new Map<ItemBankId, { commit: string; resolve: () => void }>();
  const look = async (): Promise<void> => {
    const deadline = performance.now() + timeoutSeconds * 1_000;
    while (wanted.size > 0) {
      if (performance.now() > deadline) throw new Error(`the mirror lacks ${wanted.size} pushes`);
      for (const [id, { headCommit }] of await readMirror(itemsTable, [...wanted.keys()])) {
        const found = wanted.get(id);
        if (found?.commit !== headCommit) continue;
        wanted.delete(id);
        found?.resolve();
      }
      // Reads of many rows must not slow down what is measured.
      await delay(POLL_MS + wanted.size / 4);
    }
  };
  let looking: Promise<void> | undefined;
  return async (id: ItemBankId, commit: string): Promise<void> => {
    const shown = new Promise<void>((resolve) => wanted.set(id, { commit, resolve }));
    looking ??= look().finally(() => {
      looking = undefined;
    });
    await Promise.race([shown, looking.then(() => shown)]);
  };
}
