import { allStates, type Definition, type PlacedState } from './definition-lint.ts';
import {
  countItems,
  entryOf,
  exitOf,
  failureOfCall,
  type HistoryEvent,
  limitOf,
  type NewEvent,
  startOfCall,
  successOfCall,
} from './history-events.ts';
import type { RunEvent, TaskCall } from './state-machine-run.ts';

/** States that run one after another: those at the top level, of one iteration, or of one branch. */
interface Thread {
  /** The event that the next one follows from. */
  last: number;
  call?: TaskCall | undefined;
  /** Set while the thread is in a Map or Parallel. */
  fork?: Fork | undefined;
  /** The failure of a Map or Parallel, not written until it is known whether the state is retried. */
  failure?: NewEvent | undefined;
}

/** The progress of a Map or Parallel. Numbers are event ids unless stated otherwise. */
interface Fork {
  started: number;
  /** The end of the last iteration. */
  ended: number;
  /** The last event of each finished iteration whose slot has not been reused. */
  freeSlots: number[];
  /** The last event of the first failed iteration. */
  failed?: number;
  /** How many iterations are running, and how many may run at the same time. */
  open: number;
  limit: number;
  /** Events of iterations whose start was reported before the end of the iteration that they replace. */
  held: { index: number | undefined; events: RunEvent[] }[];
}

/** An event of the engine, and the state that it is about. */
interface StateEvent {
  placed: PlacedState;
  event: RunEvent;
}

/**
 * Translates the engine's events to those of Step Functions, each with the id of the event that it follows from. For a
 * Map or Parallel inside a Map the history is not exact, because the engine names only the outer iteration and may end
 * before it has reported everything.
 */
export class HistoryComposer {
  readonly #write: (event: HistoryEvent) => void;
  readonly #states: ReadonlyMap<string, PlacedState>;
  readonly #threads = new Map<string, Thread>();
  /** The engine calls a function right after entering its state, so calls and entries arrive in the same order. */
  readonly #calls = new Map<string, TaskCall[]>();
  #id = 0;

  constructor(definition: Definition, write: (event: HistoryEvent) => void) {
    this.#states = new Map(allStates(definition).map((placed) => [placed.name, placed]));
    this.#write = write;
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
    const fork = this.#forkOf(event.parentState?.name ?? this.#enclosingMap(event.state?.name));
    if (fork === undefined || !hold(fork, event)) this.#translate(event);
  }

  #translate(event: RunEvent): void {
    const placed = this.#states.get(event.state?.name ?? '');
    if (placed !== undefined) this.#writeState({ placed, event });
    else if (event.type === 'MapIterationStarted') this.#startIteration(event);
    else if (event.type.startsWith('MapIteration')) this.#endIteration(event);
  }

  end(event: NewEvent): void {
    const thread = this.#threadOf('');
    // The end of a stopped execution follows from none of the states that were running.
    if (/Aborted|TimedOut/.test(event.type)) thread.last = 0;
    this.#append(thread, event);
  }

  /** Writes an event that follows from the given one, and returns its id. */
  #put(previousEventId: number, event: NewEvent): number {
    this.#id += 1;
    this.#write({ id: this.#id, previousEventId, ...event });
    return this.#id;
  }

  /** Writes the next event of a thread. */
  #append(thread: Thread, event: NewEvent): void {
    this.#writeFailure(thread);
    thread.last = this.#put(thread.last, event);
  }

  #writeFailure(thread: Thread): void {
    if (thread.failure !== undefined) thread.last = this.#put(thread.last, thread.failure);
    thread.failure = undefined;
  }

  /** The thread of that iteration or branch. A branch starts at the event that started its Parallel. */
  #threadOf(within: string, index?: number): Thread {
    const key = within === '' ? '' : `${within}#${index ?? ''}`;
    const known = this.#threads.get(key);
    if (known !== undefined) return known;
    const parent = this.#states.get(within.replace(/\/\d+$/, ''));
    const thread = { last: parent === undefined ? 0 : this.#threadOf(parent.within, index).last };
    this.#threads.set(key, thread);
    return thread;
  }

  #writeState(stateEvent: StateEvent): void {
    const { placed, event } = stateEvent;
    const thread = this.#threadOf(placed.within, event.index);
    if (event.type === 'StateEntered') this.#append(thread, entryOf(placed, event));
    if (event.type === 'StateRetried') thread.failure = undefined;
    if (event.type === 'StateEntered' || event.type === 'StateRetried') this.#begin(thread, stateEvent);
    if (event.type === 'StateFailed') this.#fail(thread, stateEvent);
    if (event.type === 'StateExited') {
      this.#succeed(thread, stateEvent);
      this.#append(thread, exitOf(placed, event));
    }
  }

  #begin(thread: Thread, { placed, event }: StateEvent): void {
    const { Type } = placed.state;
    thread.call = this.#calls.get(placed.name)?.shift();
    if (thread.call !== undefined) {
      for (const started of startOfCall(placed, thread.call, event.timestamp)) this.#append(thread, started);
    }
    if (Type !== 'Map' && Type !== 'Parallel') return;
    const length = Type === 'Map' ? countItems(placed, event.state?.input) : undefined;
    const details = length === undefined ? {} : { details: { length } };
    this.#append(thread, { type: `${Type}StateStarted`, timestamp: event.timestamp, ...details });
    const limit = Type === 'Map' ? limitOf(placed, event.state?.input) : 0;
    thread.fork = { started: thread.last, ended: thread.last, freeSlots: [], open: 0, limit, held: [] };
    for (const [key] of this.#branchesOf(placed)) this.#threads.delete(key);
  }

  #branchesOf({ name }: PlacedState): [string, Thread][] {
    return [...this.#threads].filter(([key]) => key.startsWith(`${name}/`));
  }

  #fail(thread: Thread, { placed, event }: StateEvent): void {
    const { call, fork } = thread;
    // If the function has answered, the state failed because its answer could not be used.
    if (call?.result !== undefined) this.#append(thread, successOfCall(call, call.result));
    else if (call !== undefined) this.#append(thread, failureOfCall(call, event));
    if (fork !== undefined) {
      this.#release(fork.held.splice(0));
      thread.last = fork.failed ?? fork.ended;
      thread.failure = { type: `${placed.state.Type}StateFailed`, timestamp: event.timestamp };
    }
    thread.call = undefined;
    thread.fork = undefined;
  }

  #succeed(thread: Thread, { placed, event }: StateEvent): void {
    const { call, fork } = thread;
    if (call?.result !== undefined) this.#append(thread, successOfCall(call, call.result));
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

  /** The Map that contains the state, directly or through Parallel states. */
  #enclosingMap(name: string | undefined): string | undefined {
    const within = this.#states.get(name ?? '')?.within ?? '';
    const parent = this.#states.get(within.replace(/\/\d+$/, ''));
    return parent?.state.Type === 'Parallel' ? this.#enclosingMap(parent.name) : parent?.name;
  }

  #release(held: Fork['held']): void {
    for (const { events } of held) for (const event of events) this.#translate(event);
  }

  #startIteration({ type, timestamp, parentState, index = 0 }: RunEvent): void {
    const name = parentState?.name ?? '';
    const fork = this.#forkOf(name);
    if (fork !== undefined) fork.open += 1;
    const last = this.#put(fork?.freeSlots.shift() ?? fork?.started ?? 0, {
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
    this.#writeFailure(iteration);
    const id = this.#put(iteration.last, { type, timestamp, details: { name, index } });
    this.#threads.delete(`${name}#${index}`);
    if (fork === undefined) return;
    fork.freeSlots.push(iteration.last);
    if (type === 'MapIterationFailed') fork.failed ??= iteration.last;
    else fork.ended = id;
    fork.open -= 1;
    this.#release(fork.held.splice(0, 1));
  }
}

/** Holds an event back if its iteration started before the engine reported the end of the iteration that it replaces. */
function hold({ held, open, limit }: Fork, event: RunEvent): boolean {
  const known = held.find(({ index }) => index === event.index);
  if (known !== undefined) known.events.push(event);
  else if (event.type === 'MapIterationStarted' && open >= limit) {
    held.push({ index: event.index, events: [event] });
  } else return false;
  return true;
}
