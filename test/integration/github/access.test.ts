import { once } from 'node:events';
import { get } from 'node:http';
import { describe, expect, it } from 'vitest';
import { PUBLISHED_LIMITS } from '../../../local/github/simulated-github.ts';
import { connect, ORGANIZATION, start, TOKEN } from './support.ts';

describe('who may ask', () => {
  it.each(['GET /orgs/item-bank', 'GET /orgs/item-bank/repos', 'POST /graphql', 'GET /rate_limit'])(
    'is told 401 without a token: %s',
    async (route) => {
      const { github } = await start();
      await expect(connect(github).request(route)).rejects.toMatchObject({
        status: 401,
        response: { data: { message: 'Requires authentication', status: '401' } },
      });
    },
  );

  it('is told 401 Bad credentials with another token, and nothing about routes', async () => {
    const { github } = await start();
    const stranger = connect(github, 'another');
    const refusal = {
      status: 401,
      response: {
        data: {
          message: 'Bad credentials',
          documentation_url: 'https://docs.github.com/rest',
          status: '401',
        },
      },
    };
    await expect(stranger.rest.orgs.get({ org: ORGANIZATION })).rejects.toMatchObject(refusal);
    await expect(stranger.request('GET /nothing')).rejects.toMatchObject(refusal);
  });

  it('is told 403 when it does not say who it is', async () => {
    const { github } = await start();
    const request = get(`${github.url}/zen`, { headers: { authorization: `token ${TOKEN}` } });
    const [response] = await once(request, 'response');
    expect(response.statusCode).toBe(403);
    response.resume();
  });

  it('is told 404 where nothing is', async () => {
    const { octokit } = await start();
    await expect(octokit.request('GET /nothing')).rejects.toMatchObject({
      status: 404,
      response: {
        data: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest', status: '404' },
      },
    });
  });
});

describe('every answer', () => {
  it("carries GitHub's headers, with a request id of its own", async () => {
    const { octokit } = await start();
    const answers = [
      await octokit.rest.orgs.get({ org: ORGANIZATION }),
      await octokit.rest.orgs.get({ org: ORGANIZATION }),
    ];
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'content-type': 'application/json; charset=utf-8',
        'x-github-media-type': 'github.v3; format=json',
        'x-github-request-id': expect.stringMatching(
          /^[0-9A-F]{4}:[0-9A-F]{4}:[0-9A-F]{6}:[0-9A-F]{7}:[0-9A-F]{8}$/,
        ),
        'x-github-api-version-selected': '2022-11-28',
      });
    }
    expect(new Set(answers.map(({ headers }) => headers['x-github-request-id'])).size).toBe(2);
  });
});

describe('limits', () => {
  it('leave no trace when they are off', async () => {
    const { octokit } = await start({ limits: 'off' });
    const { headers } = await octokit.rest.orgs.get({ org: ORGANIZATION });
    expect(Object.keys(headers).filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
    await expect(octokit.rest.rateLimit.get()).rejects.toMatchObject({
      status: 404,
      response: { data: { message: 'Rate limiting is not enabled.' } },
    });
  });

  it('are counted, without the 304s and the questions for them', async () => {
    const { octokit } = await start({ limits: PUBLISHED_LIMITS });
    const { headers } = await octokit.rest.orgs.get({ org: ORGANIZATION });
    expect(headers).toMatchObject({
      'x-ratelimit-limit': '5000',
      'x-ratelimit-used': '1',
      'x-ratelimit-remaining': '4999',
      'x-ratelimit-resource': 'core',
    });
    const unchanged = { org: ORGANIZATION, headers: { 'if-none-match': headers.etag ?? '' } };
    await expect(octokit.request('GET /orgs/{org}', unchanged)).rejects.toMatchObject({ status: 304 });
    const { data } = await octokit.rest.rateLimit.get();
    expect(data.resources.core).toMatchObject({ limit: 5000, used: 1, remaining: 4999 });
    expect(data.resources.graphql).toMatchObject({ limit: 5000, used: 0 });
  });

  it('are 403 with nothing remaining when used up, until the hour is over', async () => {
    const clock = { now: Date.UTC(2026, 10, 23, 9) };
    const { octokit } = await start({
      limits: { ...PUBLISHED_LIMITS, restRequestsPerHour: 1 },
      now: () => new Date(clock.now),
    });
    const ask = () => octokit.rest.orgs.get({ org: ORGANIZATION });
    await ask();
    await expect(ask()).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('API rate limit exceeded'),
      response: {
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(clock.now / 1000 + 3600) },
      },
    });
    clock.now += 3_600_000;
    expect((await ask()).status).toBe(200);
  });
});
