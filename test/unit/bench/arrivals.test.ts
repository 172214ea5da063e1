import { describe, expect, it } from 'vitest';
import { type Arrival, arrive, type Pace } from '../../../bench/product/arrivals.ts';

/** A clock that advances only when something waits. */
function createTime(): Pace {
  let now = 0;
  return {
    now: () => now,
    wait: async (milliseconds) => {
      now += milliseconds;
    },
  };
}

const right = async () => ({ isRight: true, answer: '200' });
const request = (send: Arrival['send']): Arrival => ({ name: 'GET /', send });

describe('requests at a fixed rate', () => {
  it('are sent on time, however late the answers are', async () => {
    const time = createTime();
    const allSent = Promise.withResolvers<void>();
    const sentAt: number[] = [];
    const figures = await arrive(
      { perSecond: 10, seconds: 1 },
      () => {
        if (sentAt.push(time.now()) === 10) allSent.resolve();
        return request(async () => {
          await allSent.promise;
          return right();
        });
      },
      time,
    );
    expect(sentAt).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
    expect(figures).toMatchObject({ requests: 10, mostMs: 900 });
  });

  it('count from the time when they were due', async () => {
    const time = createTime();
    let first = true;
    const figures = await arrive(
      { perSecond: 10, seconds: 1 },
      () => {
        // The sender itself is held up once: what was due meanwhile has waited.
        if (first) void time.wait(950);
        first = false;
        return request(right);
      },
      time,
    );
    expect(figures).toMatchObject({ requests: 10, mostMs: 950, p50Ms: 450 });
  });

  it('are counted by answer, and by whether the answer is right', async () => {
    const figures = await arrive(
      { perSecond: 10, seconds: 1 },
      (index) => request(index === 3 ? async () => ({ isRight: false, answer: '500' }) : right),
      createTime(),
    );
    expect(figures).toMatchObject({ wrong: 1, answers: { 'GET /: 200': 9, 'GET /: 500': 1 } });
  });
});
