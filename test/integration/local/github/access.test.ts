import { once } from 'node:events';
import { get } from 'node:http';
import { describe, expect, it } from 'vitest';
import { connect, ORGANIZATION, start, TOKEN } from './support.ts';

describe('a caller', () => {
  it.each(['GET /orgs/item-bank', 'GET /orgs/item-bank/repos', 'POST /graphql', 'GET /rate_limit'])(
    'gets 401 without a token: %s',
    async (route) => {
      const { github } = await start();
      await expect(connect(github).request(route)).rejects.toMatchObject({
        status: 401,
        response: { data: { message: 'Requires authentication', status: '401' } },
      });
    },
  );

  it('gets 401 Bad credentials with an unknown token, also for unknown routes', async () => {
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

  it('gets 403 without a User-Agent', async () => {
    const { github } = await start();
    const request = get(`${github.url}/zen`, { headers: { authorization: `token ${TOKEN}` } });
    const [response] = await once(request, 'response');
    expect(response.statusCode).toBe(403);
    response.resume();
  });

  it('gets 404 for an unknown route', async () => {
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
  it("has GitHub's headers and its own request id", async () => {
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
