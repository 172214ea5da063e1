import { expect, it } from 'vitest';
import { ALL_DONE, CALLS, useChangedBank } from './support.ts';

const bank = useChangedBank();

it('a run waits in each state in which GitHub asks for it, and then does all of its work', async () => {
  const { github, run, log } = bank();
  const outcome = { status: 429, headers: { 'retry-after': '1' }, body: { message: 'slow down' } };
  for (const call of [CALLS.listing, CALLS.heads, CALLS.creation, CALLS.repository]) {
    github.fail({ ...call, outcome });
  }
  expect(await run()).toMatchObject({ exitCode: 'COMPLETED', exitMessage: ALL_DONE });
  expect(await log('"waiting until"')).toHaveLength(3);
  expect(await log('"deferred until"')).toHaveLength(1);
});

it.each<[calls: (keyof typeof CALLS)[], exitCode: string, exitMessage: string]>([
  [['webhooks'], 'COMPLETED_WITH_FAILURES', 'failed: 0, project webhooks not checked: 11'],
  [['contents'], 'COMPLETED_WITH_FAILURES', 'updated: 0, unchanged: 10, removed: 1, deferred: 0, failed: 1'],
  [
    ['histories', 'creation', 'repository'],
    'COMPLETED_WITH_FAILURES',
    'updated: 0, unchanged: 10, removed: 0, deferred: 0, failed: 2, project webhooks not created: 1',
  ],
])(
  'a run reports what it could not do when GitHub never answers the requests for %j',
  async (calls, exitCode, exitMessage) => {
    const { github, run } = bank();
    const outcome = { connection: 'dropped-before-work' } as const;
    for (const call of calls) github.fail({ ...CALLS[call], times: Infinity, outcome });
    const ended = await run();
    expect(ended.exitCode).toBe(exitCode);
    expect(ended.exitMessage).toContain(exitMessage);
  },
);
