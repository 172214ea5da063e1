import { describe, expect, it } from 'vitest';
import { createGitHub } from '../../../functions/github/github.ts';
import { hooksPath, ORGANIZATION, ROUTES, startBank } from '../../support/bank.ts';
import { skipPauses } from '../../support/clock.ts';

const REPOSITORY = 'item-200000';
const ANY = { method: 'GET', pathPrefix: hooksPath(REPOSITORY), times: Infinity } as const;

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
    ['a timeout', { delayMs: Infinity }],
  ] as const)('is sent three times in all before it fails: %s', async ([, outcome], context) => {
    const token = 'of-the-impatient';
    const small = { repositories: 1, withoutProjectWebhook: 0 };
    const bank = await startBank({ ...small, token }, context.onTestFinished);
    // Long enough for the question whether GitHub is up, which must be answered in time even on a busy machine.
    const github = createGitHub({ apiUrl: bank.site.url, token, requestTimeoutMs: 2_000 });
    bank.site.fail({ ...ANY, outcome });
    skipPauses();
    const request = github.rest.repos.listWebhooks({ owner: ORGANIZATION, repo: REPOSITORY });
    await expect(request).rejects.toMatchObject({ status: expect.any(Number) });
    // Counted by the client: on a busy machine, a request can time out before it arrives.
    expect(github.requestsSent().reads).toBe(3);
  });

  it('succeeds when the second attempt is answered', async ({ onTestFinished }) => {
    const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 }, onTestFinished);
    bank.site.fail({
      method: 'GET',
      pathPrefix: `/orgs/${ORGANIZATION}/repos`,
      outcome: { status: 200, body: '[{"id":' },
    });
    skipPauses();
    const { data } = await bank.github.rest.repos.listForOrg({ org: ORGANIZATION });
    expect(data).toHaveLength(1);
    expect(bank.requests(ROUTES.listing)).toBe(2);
  });
});
