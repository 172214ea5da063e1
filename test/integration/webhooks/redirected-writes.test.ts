import { describe, expect, it } from 'vitest';
import { type Bank, hooksPath, ORGANIZATION, ROUTES, startBank } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun } from '../../support/run.ts';

const newTable = useDynamoDb();

type Outcome = Parameters<Bank['site']['fail']>[0]['outcome'];

/** Runs CreateWebhooks for one repository whose webhook is missing. Its creation is answered so. */
async function createWith(outcomeFor: (hooks: string) => Outcome) {
  const bank = await startBank({ repositories: 1, withoutProjectWebhook: 1 });
  const run = await beginRun({ newTable, bank });
  await run.list();
  await run.batches();
  const [item] = await run.items();
  const repo = item?.repositoryName ?? '';
  const outcome = outcomeFor(`${bank.site.url}${hooksPath(repo)}`);
  bank.site.fail({ method: 'POST', pathPrefix: hooksPath(repo), outcome });
  await run.createWebhooks();
  const { data: hooks } = await bank.github.rest.repos.listWebhooks({ owner: ORGANIZATION, repo });
  const [left] = await run.items();
  return { bank, left, hooks, log: run.log.messages(), exit: await run.complete() };
}

const redirect = (status: number, location: string) => ({
  status,
  headers: { location },
  body: { message: 'Moved' },
});

describe('the creation of a webhook', () => {
  // fetch would repeat it as a GET, which lists webhooks and succeeds.
  it.each([301, 302, 303])('is not created by a redirect with status %i', async (status) => {
    const { left, hooks, log, exit } = await createWith((hooksUrl) => redirect(status, hooksUrl));
    expect(hooks).toEqual([]);
    expect(left).toMatchObject({
      webhookLeft: 'missing',
      webhookFailure: {
        reason: 'REDIRECTED',
        message: expect.stringMatching(
          /^POST \/repos\/\S+\/hooks: \d+ redirected to \/repos\/\S+\/hooks, which/,
        ),
      },
    });
    expect(log.filter((line) => line.startsWith('created the project webhook'))).toEqual([]);
    expect(exit).toMatchObject({ exitCode: 'COMPLETED_WITH_FAILURES' });
  });

  it.each([307, 308])('follows a redirect with status %i, which keeps the method', async (status) => {
    const { left, hooks, exit } = await createWith((hooksUrl) => redirect(status, hooksUrl));
    expect(hooks).toHaveLength(1);
    expect(left).toMatchObject({ webhookLeft: 'created' });
    expect(exit).toMatchObject({ exitCode: 'COMPLETED' });
  });

  it('does not follow a redirect to another host', async () => {
    const other = await startBank({ repositories: 1, withoutProjectWebhook: 1 });
    const { left } = await createWith((hooksUrl) =>
      redirect(307, `${other.site.url}${new URL(hooksUrl).pathname}`),
    );
    expect(left).toMatchObject({ webhookLeft: 'missing', webhookFailure: { reason: 'REDIRECTED' } });
    expect(other.requests(ROUTES.createHook)).toBe(0);
  });

  it.each([
    ['200 with a list', { status: 200, body: [] }],
    ['201 without an id', { status: 201, body: { url: 'https://api.github.com/hooks/1' } }],
    ['201 without a URL', { status: 201, body: { id: 1 } }],
    ['202 with the webhook', { status: 202, body: { id: 1, url: 'https://api.github.com/hooks/1' } }],
    ['204', { status: 204 }],
  ])('is not taken for created if GitHub answers %s', async (_, outcome) => {
    const { left, hooks, exit } = await createWith(() => outcome);
    expect(hooks).toEqual([]);
    expect(left).toMatchObject({ webhookLeft: 'missing', webhookFailure: { reason: 'GITHUB_ERROR' } });
    expect(exit).toMatchObject({ exitCode: 'COMPLETED_WITH_FAILURES' });
  });
});

describe('the creation of a webhook that GitHub shows', () => {
  it.each([200, 201])('is done if the status is %i', async (status) => {
    const shown = { id: 7, url: 'https://api.github.com/hooks/7' };
    const { left } = await createWith(() => ({ status, body: shown }));
    expect(left).toMatchObject({ webhookLeft: 'created' });
  });
});

describe('the repair of a webhook', () => {
  it.each([
    ['a redirect that loses the method', redirect(301, '/'), 'REDIRECTED'],
    ['200 with a list', { status: 200, body: [] }, 'GITHUB_ERROR'],
    [
      '200 with another webhook',
      { status: 200, body: { id: 1, url: 'https://x.example.org' } },
      'GITHUB_ERROR',
    ],
    ['204', { status: 204 }, 'GITHUB_ERROR'],
  ])('is not taken for done if GitHub answers with %s', async (_, outcome, reason) => {
    const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 });
    const run = await beginRun({ newTable, bank });
    await run.list();
    const { data: repositories } = await bank.github.rest.repos.listForOrg({ org: ORGANIZATION });
    const place = { owner: ORGANIZATION, repo: repositories[0]?.name ?? '' };
    const { data: hooks } = await bank.github.rest.repos.listWebhooks(place);
    await bank.github.rest.repos.updateWebhook({ ...place, hook_id: hooks[0]?.id ?? 0, active: false });
    await run.batches();
    bank.site.fail({ method: 'PATCH', pathPrefix: hooksPath(place.repo), outcome });
    await run.createWebhooks();
    expect((await run.items())[0]).toMatchObject({ webhookLeft: 'differs', webhookFailure: { reason } });
  });
});
