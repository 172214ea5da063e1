import { describe, expect, it } from 'vitest';
import { readExecution } from '../../../functions/executions/job-execution.ts';
import { ORGANIZATION, startBank } from '../../support/bank.ts';
import { createClock, HOUR_MS, MINUTE_MS } from '../../support/clock.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, nightlyRuns, type Run, type RunSetup } from '../../support/run.ts';
import { commit } from '../github/support.ts';
import { createItem, itemText, withStatus } from '../synchronization/support.ts';

const newTable = useDynamoDb();
const NOT_ANNOUNCED = 'changed without a delivery';

/** A bank of two items that two runs have found in order, so that their webhooks were there before any change. */
async function settledBank(overrides: RunSetup['overrides'] = {}) {
  const clock = createClock();
  const bank = await startBank({ repositories: 0, withoutProjectWebhook: 0, now: clock.now });
  const item = await createItem(bank, 'item-1');
  await createItem(bank, 'item-2', itemText('2'));
  const nextRun = nightlyRuns({ newTable, bank, clock, overrides });
  await nextRun();
  const { dependencies: tables } = await nextRun();
  const push = (status: string) => commit(bank, item, { content: itemText('1', withStatus(status)) });
  return { bank, nextRun, push, clock, tables };
}

async function countsOf({ dependencies, event }: Run) {
  const record = await readExecution(dependencies.executionsTable, event.jobExecutionId);
  const { changedWithoutDelivery, changedWithUnknownDelivery } = record?.counts ?? {};
  return [changedWithoutDelivery, changedWithUnknownDelivery];
}

describe('a change that a run finds', () => {
  it('is counted if no delivery announced it, in the record, in the exit message and in the log', async () => {
    const { nextRun, push, clock } = await settledBank();
    await push('Draft');
    clock.advance(HOUR_MS);
    const run = await nextRun();
    expect(await countsOf(run)).toEqual([1, 0]);
    expect(run.exit).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: expect.stringContaining(`failed: 0, ${NOT_ANNOUNCED}: 1`),
    });
    expect(run.log.messages()).toContainEqual(
      expect.stringMatching(/updated, webhook present\. No delivery of GitHub announced this change$/),
    );
    const quiet = await nextRun();
    expect(await countsOf(quiet)).toEqual([0, 0]);
    expect(quiet.exit.exitMessage).not.toContain(NOT_ANNOUNCED);
  });

  it('is not counted without certainty: its delivery may be on its way', async () => {
    const { nextRun, push, clock } = await settledBank();
    await push('Draft');
    clock.advance(5 * MINUTE_MS);
    const run = await nextRun();
    expect(await countsOf(run)).toEqual([0, 1]);
    expect(run.exit.exitMessage).not.toContain(NOT_ANNOUNCED);
  });

  it('is not counted without certainty: a delivery waits in the queue', async () => {
    const { nextRun, push, clock } = await settledBank({ deliveriesMayBePending: async () => true });
    await push('Draft');
    clock.advance(HOUR_MS);
    expect(await countsOf(await nextRun())).toEqual([0, 1]);
  });

  it('is explained by a webhook that is missing or differs', async () => {
    const { bank, nextRun, push, clock } = await settledBank();
    const place = { owner: ORGANIZATION, repo: 'item-1' };
    const [hook] = (await bank.github.rest.repos.listWebhooks(place)).data;
    const hook_id = hook?.id ?? 0;
    await bank.github.rest.repos.updateWebhook({ ...place, hook_id, active: false });
    await push('Draft');
    clock.advance(HOUR_MS);
    expect(await countsOf(await nextRun())).toEqual([0, 0]);
    await bank.github.rest.repos.deleteWebhook({ ...place, hook_id });
    await push('Released');
    clock.advance(HOUR_MS);
    expect(await countsOf(await nextRun())).toEqual([0, 0]);
  });

  it('is not counted if the repository was only renamed, or is new', async () => {
    const { bank, nextRun, clock } = await settledBank();
    await bank.github.rest.repos.update({ owner: ORGANIZATION, repo: 'item-1', name: 'item-9' });
    await createItem(bank, 'item-3', itemText('3'));
    clock.advance(HOUR_MS);
    const run = await nextRun();
    expect(run.exit.exitMessage).toContain('created: 1, updated: 1');
    expect(await countsOf(run)).toEqual([0, 0]);
  });

  it('is counted with a webhook of the organization, if that was there before', async () => {
    const { nextRun, push, clock } = await settledBank({ webhookScope: 'organization' });
    await nextRun();
    await push('Draft');
    clock.advance(HOUR_MS);
    expect(await countsOf(await nextRun())).toEqual([1, 0]);
  });

  it('is not judged in a dry run', async () => {
    const { nextRun, push, clock } = await settledBank();
    await push('Draft');
    clock.advance(HOUR_MS);
    expect(await countsOf(await nextRun({ options: { dryRun: true } }))).toEqual([0, 0]);
    expect(await countsOf(await nextRun())).toEqual([1, 0]);
  });

  it('keeps its judgment when the invocation is repeated after it has written the item', async () => {
    const { bank, push, clock, tables } = await settledBank();
    await push('Draft');
    clock.advance(HOUR_MS);
    const run = await beginRun({ newTable, bank, clock, tables });
    await run.list();
    // After the item is written, its head is read again.
    let heads = 0;
    bank.github.hook.before('request', ({ query }) => {
      if (!String(query).includes('...Head')) return;
      heads += 1;
      if (heads === 2) throw new Error('the invocation was killed');
    });
    await expect(run.batches()).rejects.toThrow('the invocation was killed');
    await run.batches();
    await run.createWebhooks();
    await run.remove();
    await run.complete();
    expect(await countsOf(run)).toEqual([1, 0]);
  });
});
