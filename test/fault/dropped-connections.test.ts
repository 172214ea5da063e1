import { expect, it } from 'vitest';
import { sampled, spread } from '../support/extent.ts';
import { ALL_DONE, CALLS, useChangedBank } from './support.ts';

const bank = useChangedBank();

// `npm test` plays the first case, with two of the calls.
it.each(sampled(['dropped-after-work', 'dropped-before-work'] as const, 1))(
  'a run does all of its work once when the first request of each kind is %s',
  async (connection) => {
    const { github, run } = bank();
    for (const call of spread(Object.values(CALLS), 2)) github.fail({ ...call, outcome: { connection } });
    expect(await run()).toMatchObject({ exitCode: 'COMPLETED', exitMessage: ALL_DONE });
    expect(await run()).toMatchObject({
      counts: { unchanged: 11, updated: 0, removed: 0, requiringProjectWebhook: 0 },
    });
  },
);
