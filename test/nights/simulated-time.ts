import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as realImmediate } from 'node:timers/promises';
import { createRandom, type Random } from '../../local/github/bank/random.ts';

/** A piece of work that can be killed: an invocation of a function, or a whole machine. */
export interface Mortal {
  isDead: boolean;
}

/**
 * Time that passes only while nothing else happens. Timers of the simulated work elapse in their order, one at a time,
 * each as soon as everything that the one before it caused has come to rest.
 */
export interface SimulatedTime {
  now: () => Date;
  /** Decides every latency. */
  random: Random;
  sleep: (ms: number) => Promise<void>;
  /** Does real input and output, during which the time stands still. */
  outside: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** Does work as a part of something that can be killed. The timers of the dead do not elapse. */
  as: <Result>(owner: Mortal, work: () => Promise<Result>) => Promise<Result>;
  /** What the caller is a part of, if it can be killed. */
  owner: () => Mortal | undefined;
}

interface Timer {
  at: number;
  /** Timers of the same moment elapse in the order in which they were set. */
  order: number;
  elapse: () => void;
  owner: Mortal | undefined;
}

interface Simulation {
  nowMs: number;
  /** Of `Math.random`. */
  chance: Random;
  timers: Set<Timer>;
  timersSet: number;
  /** Pieces of real input and output that are under way. */
  outside: number;
  /** Called when the last of them has ended. */
  settled: () => void;
}

interface Context {
  simulation: Simulation;
  owner: Mortal | undefined;
}

const contexts = new AsyncLocalStorage<Context>();

const REAL = {
  Date,
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  random: Math.random,
  timeout: AbortSignal.timeout,
  fetch: globalThis.fetch,
};

/** More than any night needs. */
const LONGEST_MS = 60 * 24 * 3_600_000;

type Fetch = typeof globalThis.fetch;

/**
 * Does work in simulated time, until it and everything that it began has ended. Only this work sees it: the clock, timers,
 * timeouts of requests, chance and `fetch` of everything else in the process stay real.
 * @param fetch what the work gets as `fetch`.
 */
export async function inSimulatedTime<Result>(
  { start, seed, fetch }: { start: Date; seed: number; fetch: Fetch },
  work: (time: SimulatedTime) => Promise<Result>,
): Promise<Result> {
  const simulation: Simulation = {
    ...{ nowMs: start.getTime(), chance: createRandom(seed, 'chance'), timers: new Set(), timersSet: 0 },
    ...{ outside: 0, settled: () => {} },
  };
  const time = timeOf(simulation, seed);
  replaceGlobals(fetch);
  try {
    let isDone = false;
    const done = contexts
      .run({ simulation, owner: undefined }, () => work(time))
      .finally(() => {
        isDone = true;
      });
    done.catch(() => {});
    for (;;) {
      await quiet(simulation);
      const timer = nextTimer(simulation);
      if (!timer) break;
      simulation.timers.delete(timer);
      simulation.nowMs = Math.max(simulation.nowMs, timer.at);
      if (simulation.nowMs > start.getTime() + LONGEST_MS) throw new Error('the simulated work does not end');
      if (!timer.owner?.isDead) timer.elapse();
    }
    if (!isDone) throw new Error('the simulated work waits for something that never happens');
    return await done;
  } finally {
    restoreGlobals();
  }
}

function timeOf(simulation: Simulation, seed: number): SimulatedTime {
  return {
    now: () => new REAL.Date(simulation.nowMs),
    random: createRandom(seed, 'latency'),
    sleep: (ms) => new Promise((resolve) => void setTimer(simulation, resolve, ms)),
    outside: async (work) => {
      simulation.outside += 1;
      try {
        return await contexts.exit(work);
      } finally {
        simulation.outside -= 1;
        if (simulation.outside === 0) simulation.settled();
      }
    },
    as: (owner, work) => contexts.run({ simulation, owner }, work),
    owner: () => contexts.getStore()?.owner,
  };
}

/** Nothing takes more turns of the event loop than this between two waits for a timer, or for the outside. */
const TURNS = 4;

/** Files that are read, such as modules that the SDK loads when it needs them, have not come to rest either. */
const READING = new Set(['FSReqPromise', 'FSReqCallback']);

async function quiet(simulation: Simulation): Promise<void> {
  for (let turns = 0; turns < TURNS; turns += 1) {
    await realImmediate();
    if (simulation.outside > 0) {
      await new Promise<void>((resolve) => {
        simulation.settled = resolve;
      });
      turns = -1;
    } else if (process.getActiveResourcesInfo().some((resource) => READING.has(resource))) {
      turns = -1;
    }
  }
}

function nextTimer({ timers }: Simulation): Timer | undefined {
  let next: Timer | undefined;
  for (const timer of timers) {
    if (!next || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
  }
  return next;
}

function setTimer(simulation: Simulation, callback: () => void, ms = 0): Timer {
  simulation.timersSet += 1;
  const timer: Timer = {
    at: simulation.nowMs + Math.max(0, Number.isFinite(ms) ? ms : 0),
    order: simulation.timersSet,
    elapse: AsyncLocalStorage.bind(callback),
    owner: contexts.getStore()?.owner,
  };
  simulation.timers.add(timer);
  return timer;
}

/** What `setTimeout` returns in the simulation. */
class SimulatedTimeout {
  readonly timer: Timer;
  readonly simulation: Simulation;

  constructor(simulation: Simulation, timer: Timer) {
    this.simulation = simulation;
    this.timer = timer;
  }
  ref = (): this => this;
  unref = (): this => this;
  hasRef = (): boolean => true;
  clear = (): void => void this.simulation.timers.delete(this.timer);
}

function replaceGlobals(fetch: Fetch): void {
  const simulated = {
    setTimeout: (callback: (...given: unknown[]) => void, ms?: number, ...given: unknown[]) => {
      const simulation = contexts.getStore()?.simulation;
      if (!simulation) return REAL.setTimeout(callback, ms, ...given);
      return new SimulatedTimeout(
        simulation,
        setTimer(simulation, () => callback(...given), ms),
      );
    },
    clearTimeout: (timeout: unknown) => {
      if (timeout instanceof SimulatedTimeout) timeout.clear();
      else REAL.clearTimeout(timeout as NodeJS.Timeout);
    },
    fetch: ((...request: Parameters<Fetch>) =>
      contexts.getStore() ? fetch(...request) : REAL.fetch(...request)) as Fetch,
    Date: new Proxy(REAL.Date, {
      construct: (real, given) => {
        const nowMs = contexts.getStore()?.simulation.nowMs;
        return Reflect.construct(real, given.length === 0 && nowMs !== undefined ? [nowMs] : given);
      },
      get: (real, name) => (name === 'now' ? now : Reflect.get(real, name)),
    }),
  };
  Object.assign(globalThis, simulated);
  Math.random = () => contexts.getStore()?.simulation.chance.fraction() ?? REAL.random();
  AbortSignal.timeout = (ms) => {
    if (!contexts.getStore()) return REAL.timeout.call(AbortSignal, ms);
    const controller = new AbortController();
    const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    globalThis.setTimeout(() => controller.abort(reason), ms);
    return controller.signal;
  };
}

const now = (): number => contexts.getStore()?.simulation.nowMs ?? REAL.Date.now();

function restoreGlobals(): void {
  const { random, timeout, ...globals } = REAL;
  Object.assign(globalThis, globals);
  Math.random = random;
  AbortSignal.timeout = timeout;
}
