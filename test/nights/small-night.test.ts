import { beforeAll, describe, expect, it } from 'vitest';
import { useDynamoDb } from '../support/dynamodb.ts';
import { playNight } from './night.ts';
import type { NightPlan } from './plan.ts';
import { inSimulatedTime, type Mortal } from './simulated-time.ts';

const newTable = useDynamoDb();

const SMALL: NightPlan = {
  ...{ repositories: 12, seed: 7, unreadable: 1, longHistories: 0, limits: 'published' },
  runs: [
    {
      ...{ by: 'schedule', dryRun: false, minutesLater: 0 },
      changes: [{ kind: 'delete webhook', repository: 3 }],
      incidents: [
        { what: 'GitHub fault', fault: 'rate limit without a time', on: 'heads', after: 0, times: 2 },
        { what: 'AWS fault', fault: 'table throttles', on: 'transaction', after: 3, times: 2 },
        { what: 'invocation dies', how: 'crashes', on: 'webhook check', after: 5 },
      ],
    },
    {
      ...{ by: 'api', dryRun: false, minutesLater: 60 },
      changes: [{ kind: 'transfer', repository: 5 }],
      incidents: [
        { what: 'machine dies', minutes: 3, on: 'webhook check', after: 8 },
        { what: 'run is stopped', on: 'transaction', after: 4 },
        { what: 'another start', by: 'console', on: 'listing', after: 0 },
      ],
    },
  ],
};

describe('a night', () => {
  let first: Awaited<ReturnType<typeof playNight>>;

  beforeAll(async () => {
    first = await playNight(SMALL, newTable);
  });

  it('passes although a kill, a stop and faults happen', () => {
    const { happened, runs } = first;
    expect(Object.fromEntries(happened)).toEqual({
      'rate limit without a time': 2,
      'table throttles': 2,
      'invocation crashes': 1,
      'machine dies': 1,
      'run is stopped': 1,
      'another start': 1,
    });
    expect(runs).toBe(4);
  });

  it('is the same whenever it is played', async () => {
    expect(await playNight(SMALL, newTable)).toEqual(first);
  });
});

const START = new Date('2026-11-23T09:00:00.000Z');
const simulated = { start: START, seed: 1, fetch };

describe('simulated time', () => {
  it('passes while nothing else happens, in the order of the timers', async () => {
    const seen = await inSimulatedTime(simulated, async ({ sleep }) => {
      const order: string[] = [];
      await Promise.all([
        sleep(7_200_000).then(() => order.push(`later, at ${new Date().toISOString()}`)),
        sleep(60_000).then(() => order.push(`sooner, at ${new Date().toISOString()}`)),
      ]);
      return order;
    });
    expect(seen).toEqual(['sooner, at 2026-11-23T09:01:00.000Z', 'later, at 2026-11-23T11:00:00.000Z']);
    expect(Math.abs(Date.now() - START.getTime())).toBeGreaterThan(1_000);
  });

  it('stands still during real input and output', async () => {
    const elapsed = await inSimulatedTime(simulated, async ({ outside, sleep, now }) => {
      let order = '';
      const timer = sleep(1).then(() => (order += 'timer'));
      await outside(() => import('node:fs/promises').then(({ stat }) => stat(import.meta.filename)));
      order += 'outside, ';
      await timer;
      return { order, at: now() };
    });
    expect(elapsed).toEqual({ order: 'outside, timer', at: new Date(START.getTime() + 1) });
  });

  it('does not elapse for what was killed', async () => {
    const dead: Mortal = { isDead: false };
    const elapsed = await inSimulatedTime(simulated, async (time) => {
      const seen: string[] = [];
      void time.as(dead, () => time.sleep(10).then(() => void seen.push('dead')));
      dead.isDead = true;
      await time.sleep(20);
      return seen;
    });
    expect(elapsed).toEqual([]);
  });

  it('reports work that waits for something that never happens', async () => {
    const waiting = inSimulatedTime(simulated, () => new Promise(() => {}));
    await expect(waiting).rejects.toThrow('waits for something that never happens');
  });
});
