import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { connect, hooksPath, ORGANIZATION, ROUTES, startBank } from '../../support/bank.ts';

const REPOSITORY = 'item-200000';
const ANY = { method: 'GET', pathPrefix: hooksPath(REPOSITORY), times: Infinity } as const;

/** From now on, timeouts of this length are over at once. The question whether GitHub is up has another one. */
function timeOutAtOnce(milliseconds: number): void {
  const { timeout } = AbortSignal;
  const shortened = (ms: number) => timeout.call(AbortSignal, ms === milliseconds ? 1 : ms);
  const spy = vi.spyOn(AbortSignal, 'timeout').mockImplementation(shortened);
  onTestFinished(() => spy.mockRestore());
}

describe('a request that GitHub refuses', () => {
  it.for([400, 403, 404, 410, 422, 429, 451])('with status %i is not retried', async (status, context) => {
    const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 }, context.onTestFinished);
    bank.site.fail({ ...ANY, outcome: { status, body: { message: 'No' } } });
    const request = bank.github.rest.repos.listWebhooks({ owner: ORGANIZATION, repo: REPOSITORY });
    await expect(request).rejects.toMatchObject({ status });
    expect(bank.requests(ROUTES.listHooks)).toBe(1);
  });
});

describe('a request without a usable answer', () => {
  it.for([
    ['a server error', { status: 500, body: { message: 'Server Error' } }],
    ['a bad gateway', { status: 502, body: '<html>Unicorn!</html>' }],
    ['a broken connection', { connection: 'dropped-before-work' }],
    ['the page of a proxy', { status: 200, body: '<html>Sign in</html>' }],
  ] as const)('is sent three times in all before it fails: %s', async ([, outcome], context) => {
    const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 }, context.onTestFinished);
    bank.site.fail({ ...ANY, outcome });
    const request = bank.github.rest.repos.listWebhooks({ owner: ORGANIZATION, repo: REPOSITORY });
    await expect(request).rejects.toMatchObject({ status: expect.any(Number) });
    expect(bank.requests(ROUTES.listHooks)).toBe(3);
  });

  it('is sent three times in all before it fails: a timeout of 15 s', async () => {
    const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 });
    bank.site.fail({ ...ANY, outcome: { delayMs: Infinity } });
    timeOutAtOnce(15_000);
    const github = connect(bank.site);
    const request = github.rest.repos.listWebhooks({ owner: ORGANIZATION, repo: REPOSITORY });
    await expect(request).rejects.toMatchObject({ status: 500 });
    // Counted by the client, because a request can time out before it arrives.
    expect(github.requestsSent().reads).toBe(3);
  });

  it('succeeds when the second attempt is answered', async ({ onTestFinished }) => {
    const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 }, onTestFinished);
    bank.site.fail({
      method: 'GET',
      pathPrefix: `/orgs/${ORGANIZATION}/repos`,
      outcome: { status: 200, body: '[{"id":' },
    });
    const { data } = await bank.github.rest.repos.listForOrg({ org: ORGANIZATION });
    expect(data).toHaveLength(1);
    expect(bank.requests(ROUTES.listing)).toBe(2);
  });
});
