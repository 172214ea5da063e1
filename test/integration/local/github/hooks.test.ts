import { describe, expect, it } from 'vitest';
import {
  findRepositories,
  ORGANIZATION,
  PROJECT_WEBHOOK_CONFIG,
  PROJECT_WEBHOOK_URL,
  start,
} from './support.ts';

const owner = ORGANIZATION;

describe('the webhooks of a repository', () => {
  it('exist from the start, with masked secrets', async () => {
    const { octokit } = await start();
    const { hooked } = await findRepositories(octokit);
    const { data } = await octokit.rest.repos.listWebhooks({ owner, repo: hooked });
    expect(data.filter(({ config }) => config.url === PROJECT_WEBHOOK_URL)).toEqual([
      expect.objectContaining({
        type: 'Repository',
        name: 'web',
        active: true,
        events: ['push'],
        config: { ...PROJECT_WEBHOOK_CONFIG, secret: '********' },
      }),
    ]);
  });

  it('can be created, read by both paths, changed, pinged and deleted', async () => {
    const { octokit, github } = await start();
    const { unhooked: repo } = await findRepositories(octokit);
    const created = await octokit.rest.repos.createWebhook({
      owner,
      repo,
      events: ['push'],
      config: { ...PROJECT_WEBHOOK_CONFIG, secret: 's3cret' },
    });
    expect(created.status).toBe(201);
    expect(created.headers.location).toBe(created.data.url);
    expect(created.data).toMatchObject({
      config: { ...PROJECT_WEBHOOK_CONFIG, secret: '********' },
      last_response: { code: null, status: 'unused', message: null },
    });

    const hook = { owner, repo, hook_id: created.data.id };
    expect((await octokit.rest.repos.getWebhook(hook)).data).toEqual(created.data);
    const { data: repository } = await octokit.rest.repos.get({ owner, repo });
    const byId = await octokit.request(`GET /repositories/${repository.id}/hooks/${hook.hook_id}`);
    expect(byId.data).toEqual(created.data);

    const changed = await octokit.rest.repos.updateWebhook({
      ...hook,
      active: false,
      add_events: ['create'],
    });
    expect(changed.data).toMatchObject({ id: hook.hook_id, active: false, events: ['push', 'create'] });
    expect((await octokit.rest.repos.pingWebhook(hook)).status).toBe(204);
    expect((await octokit.rest.repos.deleteWebhook(hook)).status).toBe(204);
    await expect(octokit.rest.repos.getWebhook(hook)).rejects.toMatchObject({ status: 404 });
    expect(github.traffic.requests.get('POST /repos/{owner}/{repo}/hooks/{hook_id}/pings')).toBe(1);
  });

  it('lose the secret when the config is replaced without it', async () => {
    const { octokit } = await start();
    const { hooked: repo } = await findRepositories(octokit);
    const { data } = await octokit.rest.repos.listWebhooks({ owner, repo });
    const hook_id = data.find(({ config }) => config.url === PROJECT_WEBHOOK_URL)?.id ?? 0;
    const config = { ...PROJECT_WEBHOOK_CONFIG, url: `${PROJECT_WEBHOOK_URL}/2` };
    const changed = await octokit.rest.repos.updateWebhook({ owner, repo, hook_id, config });
    expect(changed.data.config).toEqual(config);
  });

  it('keep the secret when other fields of the config are changed separately', async () => {
    const { octokit } = await start();
    const { hooked: repo } = await findRepositories(octokit);
    const { data } = await octokit.rest.repos.listWebhooks({ owner, repo });
    const hook = { owner, repo, hook_id: data[0]?.id ?? 0 };
    const changed = await octokit.rest.repos.updateWebhookConfigForRepo({ ...hook, content_type: 'form' });
    expect(changed.data).toEqual({ ...PROJECT_WEBHOOK_CONFIG, content_type: 'form', secret: '********' });
    expect((await octokit.rest.repos.getWebhookConfigForRepo(hook)).data).toEqual(changed.data);
    expect((await octokit.rest.repos.getWebhook(hook)).data).toMatchObject({
      config: changed.data,
      events: ['push'],
    });
  });

  it('are listed page by page', async () => {
    const { octokit, github } = await start();
    const { unhooked: repo } = await findRepositories(octokit);
    for (let number = 0; number < 4; number += 1) {
      const config = { url: `http://127.0.0.1:4510/${number}` };
      await octokit.rest.repos.createWebhook({ owner, repo, config });
    }
    const { data: repository } = await octokit.rest.repos.get({ owner, repo });
    const first = await octokit.rest.repos.listWebhooks({ owner, repo, per_page: 1 });
    const all = await octokit.paginate(octokit.rest.repos.listWebhooks, { owner, repo, per_page: 1 });
    expect(first.headers.link).toContain(
      `<${github.url}/repositories/${repository.id}/hooks?per_page=1&page=2>; rel="next"`,
    );
    expect(all.filter(({ config }) => /4510\/\d$/.test(config.url ?? ''))).toHaveLength(4);
  });
});

describe('a refused webhook', () => {
  it('is 422 when the repository already has it', async () => {
    const { octokit } = await start();
    const { hooked: repo } = await findRepositories(octokit);
    const creation = octokit.rest.repos.createWebhook({ owner, repo, config: PROJECT_WEBHOOK_CONFIG });
    await expect(creation).rejects.toMatchObject({
      status: 422,
      response: {
        data: {
          message: 'Validation Failed',
          errors: [{ resource: 'Hook', code: 'custom', message: 'Hook already exists on this repository' }],
          documentation_url: 'https://docs.github.com/rest/repos/webhooks#create-a-repository-webhook',
          status: '422',
        },
      },
    });
  });

  it('is 403 on an archived repository, for every write', async () => {
    const { octokit } = await start();
    const { hooked: repo } = await findRepositories(octokit);
    const { data } = await octokit.rest.repos.listWebhooks({ owner, repo });
    const hook = { owner, repo, hook_id: data[0]?.id ?? 0 };
    await octokit.rest.repos.update({ owner, repo, archived: true });
    const refusal = {
      status: 403,
      response: { data: { message: 'Repository was archived so is read-only.', status: '403' } },
    };
    const config = { url: 'http://127.0.0.1:4510/other' };
    await expect(octokit.rest.repos.createWebhook({ owner, repo, config })).rejects.toMatchObject(refusal);
    await expect(octokit.rest.repos.updateWebhook({ ...hook, active: false })).rejects.toMatchObject(refusal);
    await expect(octokit.rest.repos.deleteWebhook(hook)).rejects.toMatchObject(refusal);
    expect((await octokit.rest.repos.getWebhook(hook)).status).toBe(200);
  });

  it('is 400 when the body is not a JSON object', async () => {
    const { octokit, github } = await start();
    const { unhooked } = await findRepositories(octokit);
    const post = async (body: string) => {
      const answer = await fetch(`${github.url}/repos/${owner}/${unhooked}/hooks`, {
        method: 'POST',
        headers: { authorization: 'token a-good-token', 'content-type': 'application/x-www-form-urlencoded' },
        body,
      });
      return { status: answer.status, body: await answer.json() };
    };
    expect(await post('{')).toMatchObject({ status: 400, body: { message: 'Problems parsing JSON' } });
    expect(await post('[]')).toMatchObject({
      status: 400,
      body: { message: 'Body should be a JSON object' },
    });
    expect(await post('{"config":{"url":"http://127.0.0.1:4510/curl"}}')).toMatchObject({ status: 201 });
  });
});
