import { AsyncLocalStorage } from 'node:async_hooks';

/** A number of consecutive requests of one party. The index of the party is taken modulo the number of unfinished ones. */
export interface Turn {
  party: number;
  requests: number;
}

/** A piece of work whose requests take turns with those of others. */
interface Party {
  /** Requests that wait for their turn, the oldest first. */
  requests: (() => Promise<void>)[];
  isDone: boolean;
  /** Called when the party has a request, or is done. */
  notify: () => void;
}

const parties = new AsyncLocalStorage<Party>();

/** Performs a request in a turn of its party. Without parties, it performs the request at once. */
export function inTurn<Answer>(perform: () => Promise<Answer>): Promise<Answer> {
  const party = parties.getStore();
  if (!party) return perform();
  return new Promise((resolve, reject) => {
    party.requests.push(() => perform().then(resolve, reject));
    party.notify();
  });
}

/**
 * Does several pieces of work concurrently with only one request under way at a time, so that the same turns always
 * interleave them in the same way. After the last turn, the first one follows again.
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
  // A failure is reported when `takeTurns` awaits all of them.
  done.catch(() => {});
  return { party, done };
}

async function performRequests(party: Party, most: number): Promise<void> {
  for (let left = most; left > 0 && !party.isDone; left -= 1) {
    await party.requests.shift()?.();
    await isReady(party);
  }
}

/** Waits until it is known whether the party takes part in the next turn. */
async function isReady(party: Party): Promise<void> {
  if (party.requests.length > 0 || party.isDone) return;
  await new Promise<void>((resolve) => {
    party.notify = resolve;
  });
}
