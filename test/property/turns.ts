import { AsyncLocalStorage } from 'node:async_hooks';

/** So many requests in a row of one party, which is taken modulo the number of those that are not done. */
export interface Turn {
  party: number;
  requests: number;
}

/** One of those whose requests take turns. */
interface Party {
  /** The oldest first. */
  requests: (() => Promise<void>)[];
  isDone: boolean;
  /** Called when there is a request, or it is done. */
  notify: () => void;
}

const parties = new AsyncLocalStorage<Party>();

/** Performs a request when it is its party's turn; at once where nothing takes turns. */
export function inTurn<Answer>(perform: () => Promise<Answer>): Promise<Answer> {
  const party = parties.getStore();
  if (!party) return perform();
  return new Promise((resolve, reject) => {
    party.requests.push(() => perform().then(resolve, reject));
    party.notify();
  });
}

/**
 * Does works at the same time, with one request under way at a time, so that the same turns interleave them in the same
 * way again. After the last turn comes the first.
 */
export async function takeTurns(
  works: readonly (() => Promise<void>)[],
  turns: readonly Turn[],
): Promise<void> {
  const begun = works.map(begin);
  let open = begun.map(({ party }) => party);
  for (const party of open) await isReady(party);
  for (let next = 0; open.length > 0; next += 1) {
    const turn = turns[next % turns.length] ?? { party: 0, requests: 1 };
    const party = open[turn.party % open.length];
    if (party) await performRequests(party, turn.requests);
    open = open.filter(({ isDone }) => !isDone);
  }
  await Promise.all(begun.map(({ done }) => done));
}

function begin(work: () => Promise<void>): { party: Party; done: Promise<void> } {
  const party: Party = { requests: [], isDone: false, notify: () => {} };
  const done = parties.run(party, work).finally(() => {
    party.isDone = true;
    party.notify();
  });
  // Whoever waits for all of them is told of it then.
  done.catch(() => {});
  return { party, done };
}

async function performRequests(party: Party, most: number): Promise<void> {
  for (let left = most; left > 0 && !party.isDone; left -= 1) {
    await party.requests.shift()?.();
    await isReady(party);
  }
}

/** Only then is it known whether it takes part in the next turn. */
async function isReady(party: Party): Promise<void> {
  if (party.requests.length > 0 || party.isDone) return;
  await new Promise<void>((resolve) => {
    party.notify = resolve;
  });
}
