import { expect, it } from 'vitest';
import { takeDown } from '../support/bank.ts';
import { eventually } from '../support/eventually.ts';
import { ALL_DONE, CALLS, useChangedBank } from './support.ts';

const bank = useChangedBank();

it('a run in which GitHub goes down waits until it is up again, and then does all of its work', async () => {
  const { github, run, log } = bank();
  // The heads are read, and no further request is answered.
  const change = (answer: unknown) => {
    takeDown(github);
    return answer;
  };
  github.fail({ ...CALLS.heads, outcome: { change } });
  const ended = run();
  const lines = await eventually(async () => {
    const found = await log('"GitHub is down"');
    return found.length > 0 ? found : undefined;
  });
  github.mend();
  // Of several requests at a time, the first that gets no answer stops the others. Either of them may be reported.
  expect(lines[0]?.message).toMatch(
    /^batch 1 of 1: 1[01] item bank ids deferred until \S+ \(GitHub is down\): (GET \S+: no answer|nothing is sent to GitHub before \S+, because it did not answer)/,
  );
  expect(await ended).toMatchObject({ exitCode: 'COMPLETED', exitMessage: ALL_DONE });
});
