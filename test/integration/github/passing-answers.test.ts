import { describe, expect, it } from 'vitest';
import { createGitHub } from '../../../functions/github/github.ts';
import { listRepositories } from '../../../functions/github/list-repositories.ts';
import { type Bank, FORBIDDEN, ORGANIZATION, ROUTES, startBank, TOKEN } from '../../support/bank.ts';
import { createClock } from '../../support/clock.ts';
import { createLog } from '../../support/log.ts';
import { answering, type Fault, graphqlFailure } from './support.ts';

const PAGE = { method: 'GET', pathPrefix: `/orgs/${ORGANIZATION}/repos` } as const;
const status = (code: number, message: string) => ({ status: code, body: { message } });
const NOT_FOUND = status(404, 'Not Found');
const UNAUTHORIZED = status(401, 'Bad credentials');
const ELSEWHERE = { status: 302, headers: { location: 'https://sso.example.org/login' }, body: {} };
const countAnswer = (body: object) => graphqlFailure(answering(body), { bodyIncludes: 'totalCount' });

async function listWith(fault: Fault): Promise<{ bank: Bank; listing: Promise<unknown> }> {
  const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 });
  bank.site.fail(fault);
  const { now } = createClock();
  const context = { github: bank.github, organization: ORGANIZATION, now, ignored: new Set<string>() };
  return { bank, listing: listRepositories(context) };
}

describe('the listing is not affected by', () => {
  it.each([
    ['a page that is not found', { ...PAGE, outcome: NOT_FOUND }],
    ['a page that is forbidden', { ...PAGE, outcome: FORBIDDEN }],
    ['a page that is redirected to another host', { ...PAGE, outcome: ELSEWHERE }],
    ['a page for which the token is rejected', { ...PAGE, outcome: UNAUTHORIZED }],
    ['a query for which the token is rejected', graphqlFailure(UNAUTHORIZED)],
    ['a count without the organization', countAnswer({ data: { organization: null } })],
    [
      'a count whose organization is not found',
      countAnswer({
        data: { organization: null },
        errors: [{ type: 'NOT_FOUND', path: ['organization'], message: 'Could not resolve' }],
      }),
    ],
  ] satisfies [string, Fault][])('%s once', async (_, fault) => {
    const { listing } = await listWith(fault);
    await expect(listing).resolves.toMatchObject({ complete: true, found: 1 });
  });
});

describe('the listing fails', () => {
  it.each([
    ['OrganizationNotFound', 3, { ...PAGE, outcome: NOT_FOUND }],
    ['GitHubRefused', 3, { ...PAGE, outcome: FORBIDDEN }],
    ['GitHubRedirected', 3, { ...PAGE, outcome: ELSEWHERE }],
    ['GitHubCredentialsRejected', 2, { ...PAGE, outcome: UNAUTHORIZED }],
  ] satisfies [string, number, Fault][])('as %s after %i answers', async (name, answers, fault) => {
    const { bank, listing } = await listWith({ ...fault, times: answers });
    await expect(listing).rejects.toMatchObject({ name });
    expect(bank.requests(ROUTES.listing)).toBe(answers);
  });

  it.each([
    [ELSEWHERE, /^GitHub redirects .* 302 redirected from http:\S+ to https:\/\/sso\.example\.org \(GitHub/],
    [FORBIDDEN, /^the token may not read the organization: GET \/orgs\/item-bank\/repos: 403 /],
  ])('with a message that says what GitHub did', async (outcome, message) => {
    const { listing } = await listWith({ ...PAGE, outcome, times: Infinity });
    await expect(listing).rejects.toThrow(message);
  });
});

it('pauses before each repeated request, and logs it', async () => {
  const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 });
  const [log, clock] = [createLog(), createClock('2026-11-23T09:35:00.000Z')];
  const pauses: number[] = [];
  const pause = async (milliseconds: number) => void pauses.push(milliseconds);
  const github = createGitHub({ apiUrl: bank.site.url, token: TOKEN, log, clock, pause });
  bank.site.fail({ ...PAGE, outcome: UNAUTHORIZED });
  bank.site.fail({ ...PAGE, outcome: NOT_FOUND });
  await listRepositories({ github, organization: ORGANIZATION, now: clock.now, ignored: new Set() });
  const page = `GET /orgs/${ORGANIZATION}/repos`;
  expect(log.messages()).toEqual([
    `${page}: 401 Bad credentials, attempt 2 of 2 at 09:35:05`,
    expect.stringMatching(
      `^the token does not see the organization: ${page}: 404 Not Found .*, attempt 2 of 3 at 09:35:01$`,
    ),
  ]);
  expect(pauses).toEqual([5_000, 1_000]);
});
