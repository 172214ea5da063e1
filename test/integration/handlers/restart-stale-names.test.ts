import { describe, expect, it } from 'vitest';
import type { ListedRepository } from '../../../functions/shared/contract/repositories.ts';
import { type Bank, ORGANIZATION, PROJECT_WEBHOOK_URL, startBank } from '../../support/bank.ts';
import { HOUR_MS } from '../../support/clock.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { fileOf, MINIMAL_ITEM } from '../../support/item-json.ts';
import { beginRun } from '../../support/run.ts';
import { useStepFunctions } from '../../support/step-functions.ts';
import { commit, createEmpty, graphqlFailure } from '../github/support.ts';
import { beginRegistered, openControl } from './control-support.ts';

const newTable = useDynamoDb();
const stepFunctions = useStepFunctions();

async function projectWebhooksOf({ github }: Bank, repo: string): Promise<number> {
  const { data } = await github.rest.repos.listWebhooks({ owner: ORGANIZATION, repo });
  return data.filter(({ config }) => config.url === PROJECT_WEBHOOK_URL).length;
}

/** Stops a run that has listed one repository, lets an hour pass, and begins the restart. */
async function restartLater(content?: Uint8Array) {
  const bank = await startBank({ repositories: 0, withoutProjectWebhook: 0 });
  const repository = await createEmpty(bank, 'item-1');
  if (content !== undefined) await commit(bank, repository, { content });
  const run = await beginRun({ newTable, bank });
  const control = openControl(run, stepFunctions);
  await run.list();
  await control.stop(1);
  await run.complete();
  run.clock.advance(HOUR_MS);
  await control.restart(1);
  return { bank, repository, restart: await beginRegistered({ newTable, bank }, run, 2) };
}

/** Renames the repository, and gives its name to another one. */
async function takeName(bank: Bank, { repositoryName: repo }: ListedRepository): Promise<void> {
  await bank.github.rest.repos.update({ owner: ORGANIZATION, repo, name: 'item-renamed' });
  await createEmpty(bank, repo);
}

describe('a restart of a repository whose name now belongs to another one', () => {
  it.each([
    ['with an item', fileOf(MINIMAL_ITEM), 'created'],
    ['without an item', undefined, 'failed'],
  ])('writes the webhook of the right one, under its new name: %s', async (_, content, outcome) => {
    const { bank, repository, restart } = await restartLater(content);
    await takeName(bank, repository);
    await restart.all();
    expect(await restart.items()).toMatchObject([
      { repositoryName: 'item-renamed', outcome, webhookFound: 'missing', webhookLeft: 'created' },
    ]);
    expect(await projectWebhooksOf(bank, 'item-renamed')).toBe(1);
    expect(await projectWebhooksOf(bank, 'item-1')).toBe(0);
  });

  it('also writes the webhook of the right repository if its item keeps changing', async () => {
    const { bank, repository, restart } = await restartLater(fileOf(MINIMAL_ITEM));
    await takeName(bank, repository);
    let count = 0;
    const move = (answer: unknown): unknown => {
      count += 1;
      return JSON.parse(JSON.stringify(answer).replace('"main"', `"main-${count}"`));
    };
    bank.site.fail(graphqlFailure({ change: move }, { bodyIncludes: 'nodes(ids: $ids)', times: Infinity }));
    await restart.all();
    expect(await restart.items()).toMatchObject([
      { repositoryName: 'item-renamed', reason: 'CONFLICT', webhookFound: 'missing', webhookLeft: 'created' },
    ]);
    expect(await projectWebhooksOf(bank, 'item-renamed')).toBe(1);
    expect(await projectWebhooksOf(bank, 'item-1')).toBe(0);
  });

  it('writes no webhook if GitHub does not return the current name', async () => {
    const { bank, repository, restart } = await restartLater(fileOf(MINIMAL_ITEM));
    await takeName(bank, repository);
    const hidden = {
      type: 'FORBIDDEN',
      message: 'Resource not accessible by integration',
      path: ['nodes', 0],
    };
    const change = () => ({ data: { nodes: [null] }, errors: [hidden] });
    bank.site.fail(graphqlFailure({ change }, { bodyIncludes: 'nodes(ids: $ids)', times: 9 }));
    await restart.all();
    expect(await restart.items()).toMatchObject([
      { outcome: 'failed', reason: 'FORBIDDEN', webhookFound: 'unchecked', webhookLeft: 'unchecked' },
    ]);
    expect(await projectWebhooksOf(bank, 'item-1')).toBe(0);
  });
});

describe('a restart of a repository that is gone', () => {
  it.each([
    [
      'deleted',
      async (bank: Bank) =>
        void (await bank.github.rest.repos.delete({ owner: ORGANIZATION, repo: 'item-1' })),
    ],
    [
      'transferred',
      async (bank: Bank) =>
        void (await bank.github.rest.repos.transfer({
          owner: ORGANIZATION,
          repo: 'item-1',
          new_owner: 'another-bank',
        })),
    ],
  ])('fails, asks for no webhook, and removes nothing: %s', async (_, leave) => {
    const { bank, restart } = await restartLater(fileOf(MINIMAL_ITEM));
    await leave(bank);
    await createEmpty(bank, 'item-1');
    expect(await restart.all()).toMatchObject({
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage: expect.stringMatching(
        /^Total item bank ids: 1, .*, removed: 0, deferred: 0, failed: 1, restart of/,
      ),
    });
    expect(await restart.items()).toMatchObject([
      { outcome: 'failed', reason: 'REPOSITORY_NOT_FOUND', webhookFound: 'unchecked' },
    ]);
    expect(await projectWebhooksOf(bank, 'item-1')).toBe(0);
  });
});
