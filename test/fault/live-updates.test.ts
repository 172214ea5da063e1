import { expect, it } from 'vitest';
import { createGitHub } from '../../functions/github/github.ts';
import { takeDown } from '../support/bank.ts';
import { eventually } from '../support/eventually.ts';
import {
  areInMirror,
  assemblyWithoutQueue,
  inFlight,
  isInMirror,
  killableWorker,
  prepareChanges,
  startLive,
  temporaryState,
} from './delivery-support.ts';
import { CALLS } from './support.ts';

/** The webhook of a repository, and its deliveries. */
async function webhookOf(url: string, repo: string) {
  const { rest } = createGitHub({ apiUrl: url, token: 'simulated-github-token' });
  const repository = { owner: 'item-bank', repo };
  const { data: hooks } = await rest.repos.listWebhooks(repository);
  const hook = hooks.find(({ config }) => config.url?.endsWith('/webhook'));
  if (hook === undefined) throw new Error(`${repo} has no webhook.`);
  const { data: deliveries } = await rest.repos.listWebhookDeliveries({ ...repository, hook_id: hook.id });
  return { hook, deliveries };
}

it('deliveries that cannot be queued fail, and the next run finds their changes', async () => {
  const stateFolder = await temporaryState();
  const broken = await startLive({ stateFolder, assembly: await assemblyWithoutQueue() });
  await broken.run();
  const [item] = await (await prepareChanges(broken, 1))();
  if (item === undefined) throw new Error('No item has been changed.');
  const failed = await eventually(async () => {
    const { hook, deliveries } = await webhookOf(broken.github.url, item.name);
    const push = deliveries.find(({ event }) => event === 'push');
    return push && { hook, push };
  });
  expect(failed.push.status_code).toBeGreaterThanOrEqual(500);
  expect(failed.hook.last_response).toMatchObject({
    code: failed.push.status_code,
    status: 'misconfigured',
  });
  expect(await isInMirror(broken, item)).toBe(false);
  await broken.close();

  const mended = await startLive({ stateFolder });
  expect(await mended.run()).toMatchObject({ exitCode: 'COMPLETED', counts: { updated: 1 } });
  expect(await isInMirror(mended, item)).toBe(true);
});

it('a worker that is killed in the middle of a batch loses no delivery', async () => {
  const worker = await killableWorker();
  const embedded = await startLive({ assembly: worker.assembly });
  await embedded.run();
  const commit = await prepareChanges(embedded, 3);
  // The worker is killed while it waits for the heads of the batch.
  const asked = Promise.withResolvers<void>();
  const change = () => {
    asked.resolve();
    return new Promise(() => {});
  };
  embedded.github.fail({ ...CALLS.heads, outcome: { change } });
  const items = await commit();
  await asked.promise;
  await worker.kill();
  await inFlight(embedded, items.length);
  for (const item of items) expect(await isInMirror(embedded, item)).toBe(false);

  await worker.release(embedded);
  await areInMirror(embedded, items);
  await inFlight(embedded, 0);
});

it('deliveries wait while GitHub does not answer, and lose nothing', async () => {
  const embedded = await startLive();
  await embedded.run();
  const commit = await prepareChanges(embedded, 3);
  takeDown(embedded.github);
  const items = await commit();
  await eventually(
    async () => (await embedded.log('"deliveries return to the queue"')).length > 0 || undefined,
  );
  for (const item of items) expect(await isInMirror(embedded, item)).toBe(false);
  await inFlight(embedded, items.length);
  embedded.github.mend();
  await areInMirror(embedded, items);
  await inFlight(embedded, 0);
});

it('deliveries that are lost with the cloud are made up for by the next run', async () => {
  const stateFolder = await temporaryState();
  const killed = await startLive({ stateFolder });
  await killed.run();
  const commit = await prepareChanges(killed, 3);
  takeDown(killed.github);
  const items = await commit();
  await inFlight(killed, items.length);
  await killed.close();

  const next = await startLive({ stateFolder });
  await inFlight(next, 0);
  expect(await next.run()).toMatchObject({ exitCode: 'COMPLETED', counts: { updated: 3, unchanged: 9 } });
  await areInMirror(next, items);
});
