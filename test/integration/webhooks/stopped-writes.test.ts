import { describe, expect, it } from 'vitest';
import { ROUTES, startBank } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, type Run } from '../../support/run.ts';
import { useStepFunctions } from '../../support/step-functions.ts';
import { openControl } from '../handlers/control-support.ts';

const newTable = useDynamoDb();
const stepFunctions = useStepFunctions();

const REPOSITORIES = 40;
const WRITTEN_BEFORE = 3;

/** Ends a run while GitHub handles its third write, which takes a second. All of its webhooks are in one batch. */
async function endedWhileWriting(end: 'stop' | 'abandon') {
  const bank = await startBank({ repositories: REPOSITORIES, withoutProjectWebhook: REPOSITORIES });
  const run: Run = await beginRun({ newTable, bank });
  const control = openControl(run, stepFunctions);
  await run.list();
  await run.batches();
  bank.requests(ROUTES.createHook);
  let writes = 0;
  bank.github.hook.before('request', async ({ method }) => {
    if (method !== 'POST') return;
    writes += 1;
    run.clock.advance(1_000);
    if (writes === WRITTEN_BEFORE) await control[end](1);
  });
  const step = run.createWebhooks();
  return { run, step, writes: () => bank.requests(ROUTES.createHook) };
}

describe('a run whose writes take a second writes no further webhook', () => {
  it('after it was stopped', async () => {
    const { run, step, writes } = await endedWhileWriting('stop');
    expect(await step).toMatchObject({ deferred: false });
    expect(writes()).toBe(WRITTEN_BEFORE);
    expect((await run.complete()).exitMessage).toContain(
      `project webhooks not created: ${REPOSITORIES - WRITTEN_BEFORE}, stopped by bob`,
    );
  });

  it('after it was abandoned', async () => {
    const { step, writes } = await endedWhileWriting('abandon');
    await expect(step).rejects.toMatchObject({ name: 'ExecutionSuperseded' });
    expect(writes()).toBe(WRITTEN_BEFORE);
  });
});
