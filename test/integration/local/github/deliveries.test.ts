import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { holdsEventually } from '../../../support/eventually.ts';
import { startReceiver } from './receiver.ts';
import { createItemRepository, ORGANIZATION, putItem, start } from './support.ts';

const owner = ORGANIZATION;
const SECRET = 's3cret';

async function startWithHook({ status = 202, url }: { status?: number; url?: string } = {}) {
  const receiver = await startReceiver(status);
  const { octokit } = await start({ deliveries: 'on' });
  const repo = await createItemRepository(octokit, { commits: 1 });
  const config = { url: url ?? receiver.url, content_type: 'json', secret: SECRET };
  const { data } = await octokit.rest.repos.createWebhook({ owner, repo, config });
  const hook = { owner, repo, hook_id: data.id };
  const deliveries = async () => (await octokit.rest.repos.listWebhookDeliveries(hook)).data;
  const delivered = (count: number) =>
    holdsEventually(async () => {
      const all = await deliveries();
      expect(all).toHaveLength(count);
      return all;
    });
  return { octokit, repo, hook, receiver, delivered };
}

describe('a webhook', () => {
  it('receives a signed ping when it is created, and every push', async () => {
    const { octokit, repo, receiver, delivered } = await startWithHook();
    await delivered(1);
    const sha = await putItem(octokit, { repo, edition: 2 });
    await delivered(2);
    expect(receiver.received.map(({ event }) => event)).toEqual(['ping', 'push']);
    const push = receiver.received[1];
    expect(push?.userAgent).toMatch(/^GitHub-Hookshot\//);
    expect(push?.signature).toBe(
      `sha256=${createHmac('sha256', SECRET)
        .update(push?.body ?? '')
        .digest('hex')}`,
    );
    const { data: repository } = await octokit.rest.repos.get({ owner, repo });
    expect(JSON.parse(push?.body ?? '')).toMatchObject({
      ref: 'refs/heads/main',
      after: sha,
      created: false,
      deleted: false,
      forced: false,
      commits: [{ id: sha, modified: ['item.json'], author: { username: 'glindqvist' } }],
      head_commit: { id: sha },
      repository: { id: repository.id, full_name: `${owner}/${repo}`, default_branch: 'main' },
    });
  });

  it('receives created, forced and deleted branches', async () => {
    const { octokit, repo, receiver, delivered } = await startWithHook();
    const first = (await octokit.rest.git.getRef({ owner, repo, ref: 'heads/main' })).data.object.sha;
    const ref = 'heads/create_greta';
    await octokit.rest.git.createRef({ owner, repo, ref: `refs/${ref}`, sha: first });
    await putItem(octokit, { repo, edition: 2, branch: 'create_greta' });
    await octokit.rest.git.updateRef({ owner, repo, ref, sha: first, force: true });
    await octokit.rest.git.deleteRef({ owner, repo, ref });
    await delivered(5);
    const pushes = receiver.received
      .filter(({ event }) => event === 'push')
      .map(({ body }) => JSON.parse(body));
    const told = pushes.map(({ created, forced, deleted, commits }) => ({
      ...{ created, forced, deleted },
      commits: commits.length,
    }));
    expect(told).toHaveLength(4);
    expect(told).toEqual(
      expect.arrayContaining([
        { created: true, forced: false, deleted: false, commits: 0 },
        { created: false, forced: false, deleted: false, commits: 1 },
        { created: false, forced: true, deleted: false, commits: 0 },
        { created: false, forced: false, deleted: true, commits: 0 },
      ]),
    );
  });

  it('stores its deliveries, which can be read and repeated', async () => {
    const { octokit, hook, receiver, delivered } = await startWithHook();
    const [ping] = await delivered(1);
    const delivery = { ...hook, delivery_id: Number(ping?.id) };
    const { data } = await octokit.rest.repos.getWebhookDelivery(delivery);
    expect(data).toMatchObject({
      ...ping,
      status: 'OK',
      status_code: 202,
      url: receiver.url,
      request: { headers: { 'X-GitHub-Event': 'ping' }, payload: { hook_id: hook.hook_id } },
      response: { payload: 'seen' },
    });
    expect((await octokit.rest.repos.redeliverWebhookDelivery(delivery)).status).toBe(202);
    const [again] = await delivered(2);
    expect(again).toMatchObject({ guid: ping?.guid, redelivery: true });
    expect(again?.id).not.toBe(ping?.id);
    expect(receiver.received.map(({ guid }) => guid)).toEqual([ping?.guid, ping?.guid]);
    const pages = await octokit.rest.repos.listWebhookDeliveries({ ...hook, per_page: 1 });
    expect(pages.data).toEqual([again]);
    expect(pages.headers.link).toMatch(new RegExp(`cursor=v1_${again?.id}>; rel="next"$`));
    const older = await octokit.rest.repos.listWebhookDeliveries({ ...hook, cursor: `v1_${again?.id}` });
    expect(older.data).toEqual([ping]);
  });

  it('can be tested with the last push', async () => {
    const { octokit, hook, receiver, delivered } = await startWithHook();
    expect((await octokit.rest.repos.testPushWebhook(hook)).status).toBe(204);
    await delivered(2);
    expect(receiver.received.map(({ event }) => event).toSorted()).toEqual(['ping', 'push']);
  });

  it('that fails affects nothing else, and is reported as failed', async () => {
    const { octokit, repo, hook, delivered } = await startWithHook({ status: 500 });
    await putItem(octokit, { repo, edition: 2 });
    const failed = await delivered(2);
    expect(failed.map(({ status_code, status }) => [status_code, status])).toEqual(
      Array(2).fill([500, 'Invalid HTTP Response: 500']),
    );
    const { data } = await octokit.rest.repos.listWebhookDeliveries({ ...hook, status: 'success' });
    expect(data).toEqual([]);
    const read = await octokit.rest.repos.getWebhook(hook);
    expect(read.data.last_response).toMatchObject({ code: 500, status: 'misconfigured' });
  });

  it('reports deliveries to an unreachable receiver or another machine as failed', async () => {
    const away = await startWithHook({ url: 'http://127.0.0.1:1/webhook' });
    expect(await away.delivered(1)).toMatchObject([
      { status_code: 502, status: 'failed to connect to host' },
    ]);
    const elsewhere = await startWithHook({ url: 'http://example.org/webhook' });
    expect(await elsewhere.delivered(1)).toMatchObject([
      { status_code: 0, status: expect.stringContaining('only to its own machine') },
    ]);
  });

  it('receives nothing while it is inactive or deliveries are off', async () => {
    const { octokit, repo, hook, delivered } = await startWithHook();
    await delivered(1);
    await octokit.rest.repos.updateWebhook({ ...hook, active: false });
    await putItem(octokit, { repo, edition: 2 });
    await octokit.rest.repos.pingWebhook(hook);
    expect((await delivered(2)).map(({ event }) => event)).toEqual(['ping', 'ping']);
    const off = await start();
    const quiet = await createItemRepository(off.octokit);
    const { data } = await off.octokit.rest.repos.createWebhook({
      owner,
      repo: quiet,
      config: { url: 'http://127.0.0.1:1/' },
    });
    const none = await off.octokit.rest.repos.listWebhookDeliveries({ owner, repo: quiet, hook_id: data.id });
    expect(none.data).toEqual([]);
  });
});
