import { allStates, type Definition, type PlacedState } from './definition-lint.ts';
import {
  countItems,
  entryOf,
  exitOf,
  failureOfCall,
  type HistoryEvent,
  limitOf,
  type News,
  startOfCall,
  successOfCall,
} from './history-events.ts';
import type { RunEvent, TaskCall } from './state-machine-run.ts';

/** What runs one after another: the states at the top, those of one iteration, or those of one branch. */
interface Thread {
  /** The event that the next one follows from. */
  last: number;
  call?: TaskCall | undefined;
  /** Of the Map or the Parallel that the thread is in. */
  fork?: Fork | undefined;
  /** That a Map or a Parallel has failed, untold until it is known whether it is tried again. */
  failure?: News | undefined;
}

interface Fork {
  started: number;
  /** The end of the last iteration. */
  ended: number;
  /** The last events of iterations that have made room for others. */
  room: number[];
  /** The last event of the first iteration that failed. */
  failed?: number;
  /** How many iterations there are at once, and how many may be. */
  open: number;
  limit: number;
  /** Of iterations whose start was told before the end that made room for them. */
  held: { index: number | undefined; events: RunEvent[] }[];
}

/** A state and what the engine says of it. */
interface Told {
  placed: PlacedState;
  event: RunEvent;
}

/**
 * Makes the history of Step Functions of what the engine tells: AWS's events, each with the id of the one that it follows
 * from. Of a Map or a Parallel inside a Map the history is not exact: the engine names the outer iteration only, and may
 * end before it has told everything.
 */
export class HistoryComposer {
  readonly #append: (event: HistoryEvent) => void;
  readonly #states: ReadonlyMap<string, PlacedState>;
  readonly #threads = new Map<string, Thread>();
  /** The engine calls a function right after it has entered the state: both are told in the same order. */
  readonly #calls = new Map<string, TaskCall[]>();
  #id = 0;

  constructor(definition: Definition, append: (event: HistoryEvent) => void) {
    this.#states = new Map(allStates(definition).map((placed) => [placed.name, placed]));
    this.#append = append;
  }

  start(details: Record<string, unknown>, timestamp: number): void {
    this.#put(0, { type: 'ExecutionStarted', timestamp, details });
  }

  call(call: TaskCall): void {
    const calls = this.#calls.get(call.state) ?? [];
    calls.push(call);
    this.#calls.set(call.state, calls);
  }

  write(event: RunEvent): void {
    const fork = this.#forkOf(event.parentState?.name ?? this.#mapAround(event.state?.name));
    if (fork === undefined || !hold(fork, event)) this.#tell(event);
  }

  #tell(event: RunEvent): void {
    const placed = this.#states.get(event.state?.name ?? '');
    if (placed !== undefined) this.#writeState({ placed, event });
    else if (event.type === 'MapIterationStarted') this.#startIteration(event);
    else if (event.type.startsWith('MapIteration')) this.#endIteration(event);
  }

  end(news: News): void {
    const thread = this.#threadOf('');
    // Whatever was under way when an execution was stopped, its end follows from none of it.
    if (/Aborted|TimedOut/.test(news.type)) thread.last = 0;
    this.#follow(thread, news);
  }

  #put(previousEventId: number, news: News): number {
    this.#id += 1;
    this.#append({ id: this.#id, previousEventId, ...news });
    return this.#id;
  }

  #follow(thread: Thread, news: News): void {
    this.#tellFailure(thread);
    thread.last = this.#put(thread.last, news);
  }

  #tellFailure(thread: Thread): void {
    if (thread.failure !== undefined) thread.last = this.#put(thread.last, thread.failure);
    thread.failure = undefined;
  }

  /** A branch begins where its Parallel has started. */
  #threadOf(within: string, index?: number): Thread {
    const key = within === '' ? '' : `${within}#${index ?? ''}`;
    const known = this.#threads.get(key);
    if (known !== undefined) return known;
    const around = this.#states.get(within.replace(/\/\d+$/, ''));
    const thread = { last: around === undefined ? 0 : this.#threadOf(around.within, index).last };
    this.#threads.set(key, thread);
    return thread;
  }

  #writeState(told: Told): void {
    const { placed, event } = told;
    const thread = this.#threadOf(placed.within, event.index);
    if (event.type === 'StateEntered') this.#follow(thread, entryOf(placed, event));
    if (event.type === 'StateRetried') thread.failure = undefined;
    if (event.type === 'StateEntered' || event.type === 'StateRetried') this.#begin(thread, told);
    if (event.type === 'StateFailed') this.#fail(thread, told);
    if (event.type === 'StateExited') {
      this.#succeed(thread, told);
      this.#follow(thread, exitOf(placed, event));
    }
  }

  #begin(thread: Thread, { placed, event }: Told): void {
    const { Type } = placed.state;
    thread.call = this.#calls.get(placed.name)?.shift();
    if (thread.call !== undefined) {
      for (const news of startOfCall(placed, thread.call, event.timestamp)) this.#follow(thread, news);
    }
    if (Type !== 'Map' && Type !== 'Parallel') return;
    const length = Type === 'Map' ? countItems(placed, event.state?.input) : undefined;
    const details = length === undefined ? {} : { details: { length } };
    this.#follow(thread, { type: `${Type}StateStarted`, timestamp: event.timestamp, ...details });
    const limit = Type === 'Map' ? limitOf(placed, event.state?.input) : 0;
    thread.fork = { started: thread.last, ended: thread.last, room: [], open: 0, limit, held: [] };
    for (const [key] of this.#branchesOf(placed)) this.#threads.delete(key);
  }

  #branchesOf({ name }: PlacedState): [string, Thread][] {
    return [...this.#threads].filter(([key]) => key.startsWith(`${name}/`));
  }

  #fail(thread: Thread, { placed, event }: Told): void {
    const { call, fork } = thread;
    // What has answered did not fail: then its answer could not be used.
    if (call?.result !== undefined) this.#follow(thread, successOfCall(call, call.result));
    else if (call !== undefined) this.#follow(thread, failureOfCall(call, event));
    if (fork !== undefined) {
      this.#release(fork.held.splice(0));
      thread.last = fork.failed ?? fork.ended;
      thread.failure = { type: `${placed.state.Type}StateFailed`, timestamp: event.timestamp };
    }
    thread.call = undefined;
    thread.fork = undefined;
  }

  #succeed(thread: Thread, { placed, event }: Told): void {
    const { call, fork } = thread;
    if (call?.result !== undefined) this.#follow(thread, successOfCall(call, call.result));
    if (fork !== undefined) {
      this.#release(fork.held.splice(0));
      thread.last = Math.max(fork.ended, ...this.#branchesOf(placed).map(([, { last }]) => last));
      // The exit follows from the same event as the success does.
      this.#put(thread.last, { type: `${placed.state.Type}StateSucceeded`, timestamp: event.timestamp });
    }
    thread.call = undefined;
    thread.fork = undefined;
  }

  #forkOf(map: string | undefined): Fork | undefined {
    const placed = this.#states.get(map ?? '');
    return placed && this.#threadOf(placed.within).fork;
  }

  /** The Map that a state is in, or that a Parallel around the state is in. */
  #mapAround(name: string | undefined): string | undefined {
    const within = this.#states.get(name ?? '')?.within ?? '';
    const around = this.#states.get(within.replace(/\/\d+$/, ''));
    return around?.state.Type === 'Parallel' ? this.#mapAround(around.name) : around?.name;
  }

  #release(held: Fork['held']): void {
    for (const { events } of held) for (const event of events) this.#tell(event);
  }

  #startIteration({ type, timestamp, parentState, index = 0 }: RunEvent): void {
    const name = parentState?.name ?? '';
    const fork = this.#forkOf(name);
    if (fork !== undefined) fork.open += 1;
    const last = this.#put(fork?.room.shift() ?? fork?.started ?? 0, {
      type,
      timestamp,
      details: { name, index },
    });
    this.#threads.set(`${name}#${index}`, { last });
  }

  #endIteration({ type, timestamp, parentState, index = 0 }: RunEvent): void {
    const name = parentState?.name ?? '';
    const fork = this.#forkOf(name);
    const iteration = this.#threadOf(name, index);
    this.#tellFailure(iteration);
    const id = this.#put(iteration.last, { type, timestamp, details: { name, index } });
    this.#threads.delete(`${name}#${index}`);
    if (fork === undefined) return;
    fork.room.push(iteration.last);
    if (type === 'MapIterationFailed') fork.failed ??= iteration.last;
    else fork.ended = id;
    fork.open -= 1;
    this.#release(fork.held.splice(0, 1));
  }
}

/** The engine may tell of a new iteration before it tells of the end of the one whose place that has taken. */
function hold({ held, open, limit }: Fork, event: RunEvent): boolean {
  const known = held.find(({ index }) => index === event.index);
  if (known !== undefined) known.events.push(event);
  else if (event.type === 'MapIterationStarted' && open >= limit) {
    held.push({ index: event.index, events: [event] });
  } else return false;
  return true;
}
