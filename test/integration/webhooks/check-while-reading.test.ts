import { describe, expect, it } from 'vitest';
import { type Bank, ORGANIZATION, ROUTES } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, type Run } from '../../support/run.ts';
import { createItem, itemText, startEmptyBank } from '../synchronization/support.ts';

const newTable = useDynamoDb();

/** A bank of two items whose webhooks are missing, and a run that has listed it. */
async function listedRun() {
  const bank = await startEmptyBank();
  for (const id of ['1', '2']) await createItem(bank, `item-${id}`, itemText(id));
  const run = await beginRun({ newTable, bank });
  await run.list();
  bank.requests(ROUTES.listHooks);
  return { bank, run };
}

const rename = ({ github }: Bank, repo: string, name: string) =>
  github.rest.repos.update({ owner: ORGANIZATION, repo, name });

const webhooksOf = async (run: Run): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await run.items()).map(({ repositoryName, webhookFound }) => [repositoryName, webhookFound]),
  );

describe('webhooks that are checked while GitHub computes the heads', () => {
  it('do not wait for the heads', async () => {
    const { bank, run } = await listedRun();
    const checked = Promise.withResolvers<void>();
    bank.github.hook.wrap('request', async (request, options) => {
      if (options.url === '/graphql') await checked.promise;
      const answer = await request(options);
      if (options.url.endsWith('/hooks') && bank.site.traffic.requests.get(ROUTES.listHooks) === 2)
        checked.resolve();
      return answer;
    });
    expect(await run.batch(0)).toMatchObject({ processed: 2, requiringProjectWebhook: 2 });
  });

  it('are those of the repository, even if another one has taken over its name since it was listed', async () => {
    const { bank, run } = await listedRun();
    await rename(bank, 'item-1', 'item-9');
    await createItem(bank, 'item-1', itemText('9'));
    const asked: string[] = [];
    bank.github.hook.before('request', ({ url, ...options }) => {
      if (url.endsWith('/hooks')) asked.push(String(options['repo']));
    });
    await run.batch(0);
    expect(await webhooksOf(run)).toEqual({ 'item-9': 'missing', 'item-2': 'missing' });
    expect(asked.sort()).toEqual(['item-1', 'item-2', 'item-9']);
  });

  it('are unchecked if the repository is gone', async () => {
    const { bank, run } = await listedRun();
    await bank.github.rest.repos.delete({ owner: ORGANIZATION, repo: 'item-1' });
    await run.batch(0);
    expect(await webhooksOf(run)).toEqual({ 'item-1': 'unchecked', 'item-2': 'missing' });
  });

  it('are unchecked if the heads cannot be read, and checked by the next invocation', async () => {
    const { bank, run } = await listedRun();
    const limited = { status: 429, headers: { 'retry-after': '30' }, body: { message: 'Slow down' } };
    bank.site.fail({ method: 'POST', pathPrefix: '/graphql', times: 1, outcome: limited });
    expect(await run.batch(0)).toMatchObject({ deferred: true, processed: 0 });
    run.clock.advance(60_000);
    expect(await run.batch(0)).toMatchObject({ deferred: false, processed: 2 });
    expect(await webhooksOf(run)).toEqual({ 'item-1': 'missing', 'item-2': 'missing' });
  });
});
