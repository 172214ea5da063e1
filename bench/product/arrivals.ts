import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from '../statistics.ts';

/** A request, and how its answer is judged. */
export interface Arrival {
  name: string;
  send: () => Promise<{ isRight: boolean; answer: string }>;
}

export interface ArrivalPlan {
  perSecond: number;
  seconds: number;
}

export interface ArrivalFigures extends ArrivalPlan {
  requests: number;
  /** Milliseconds from the time when a request was due until its answer. */
  p50Ms: number;
  p99Ms: number;
  mostMs: number;
  wrong: number;
  /** The number of answers by request and status. */
  answers: Record<string, number>;
}

/** The clock that paces the requests, in milliseconds. */
export interface Pace {
  now: () => number;
  wait: (milliseconds: number) => Promise<unknown>;
}

const REAL_TIME: Pace = { now: () => performance.now(), wait: (milliseconds) => delay(milliseconds) };

/**
 * Sends requests at a fixed rate, however late the answers are. A request that is sent late counts from the time when it
 * was due, so that a slow server cannot hide its delays.
 */
export async function arrive(
  plan: ArrivalPlan,
  next: (index: number) => Arrival,
  { now, wait }: Pace = REAL_TIME,
): Promise<ArrivalFigures> {
  const startedAt = now();
  const dueAt = (index: number): number => startedAt + (index * 1_000) / plan.perSecond;
  const times: number[] = [];
  const answers: Record<string, number> = {};
  let wrong = 0;
  const send = async (index: number): Promise<void> => {
    const arrival = next(index);
    const { isRight, answer } = await arrival.send();
    times.push(now() - dueAt(index));
    const key = `${arrival.name}: ${answer}`;
    answers[key] = (answers[key] ?? 0) + 1;
    if (!isRight) wrong += 1;
  };
  const sent: Promise<void>[] = [];
  for (let index = 0; index < plan.perSecond * plan.seconds; index += 1) {
    const left = dueAt(index) - now();
    if (left > 0) await wait(left);
    sent.push(send(index));
  }
  await Promise.all(sent);
  return {
    ...plan,
    requests: times.length,
    p50Ms: percentile(times, 50),
    p99Ms: percentile(times, 99),
    mostMs: percentile(times, 100),
    wrong,
    answers,
  };
}
