import { describe, expect, it } from 'vitest';
import { holdsEventually } from '../../../support/eventually.ts';
import { startReceiver } from './receiver.ts';
import {
  createItemRepository,
  createStateFolder,
  ORGANIZATION,
  PROJECT_WEBHOOK_CONFIG,
  putItem,
  start,
} from './support.ts';

const org = ORGANIZATION;
const NEW_HOOK = { org, name: 'web', config: PROJECT_WEBHOOK_CONFIG, events: ['push', 'repository'] };

describe('the webhooks of the organization', () => {
  it('can be created, read by both paths, changed, pinged and deleted', async () => {
    const { octokit, github } = await start();
    expect((await octokit.rest.orgs.listWebhooks({ org })).data).toEqual([]);
    const config = { ...PROJECT_WEBHOOK_CONFIG, secret: 's3cret' };
    const created = await octokit.rest.orgs.createWebhook({ ...NEW_HOOK, config });
    const { id, created_at, updated_at } = created.data;
    const url = `${github.url}/orgs/${org}/hooks/${id}`;
    expect(created.headers.location).toBe(url);
    expect(created.data).toEqual({
      id,
      url,
      ping_url: `${url}/pings`,
      deliveries_url: `${url}/deliveries`,
      type: 'Organization',
      name: 'web',
      events: ['push', 'repository'],
      active: true,
      config: { ...PROJECT_WEBHOOK_CONFIG, secret: '********' },
      created_at,
      updated_at,
    });

    const hook = { org, hook_id: id };
    expect((await octokit.rest.orgs.getWebhook(hook)).data).toEqual(created.data);
    expect((await octokit.rest.orgs.listWebhooks({ org })).data).toEqual([created.data]);
    const { data: organization } = await octokit.rest.orgs.get({ org });
    const byId = await octokit.request(`GET /organizations/${organization.id}/hooks/${id}`);
    expect(byId.data).toEqual(created.data);

    const changed = await octokit.rest.orgs.updateWebhook({ ...hook, active: false, events: ['push'] });
    expect(changed.data).toMatchObject({ id, active: false, events: ['push'] });
    expect((await octokit.rest.orgs.pingWebhook(hook)).status).toBe(204);
    expect((await octokit.rest.orgs.deleteWebhook(hook)).status).toBe(204);
    await expect(octokit.rest.orgs.getWebhook(hook)).rejects.toMatchObject({ status: 404 });
  });

  it('keep the secret when other fields of the config are changed separately', async () => {
    const { octokit } = await start();
    const config = { ...PROJECT_WEBHOOK_CONFIG, secret: 's3cret' };
    const { data } = await octokit.rest.orgs.createWebhook({ ...NEW_HOOK, config });
    const hook = { org, hook_id: data.id };
    const changed = await octokit.rest.orgs.updateWebhookConfigForOrg({ ...hook, content_type: 'form' });
    expect(changed.data).toEqual({ ...config, content_type: 'form', secret: '********' });
    expect((await octokit.rest.orgs.getWebhookConfigForOrg(hook)).data).toEqual(changed.data);
  });

  it('are listed page by page', async () => {
    const { octokit, github } = await start();
    for (let number = 0; number < 3; number += 1) {
      await octokit.rest.orgs.createWebhook({ ...NEW_HOOK, config: { url: `http://127.0.0.1:1/${number}` } });
    }
    const { data: organization } = await octokit.rest.orgs.get({ org });
    const first = await octokit.rest.orgs.listWebhooks({ org, per_page: 2 });
    expect(first.headers.link).toContain(
      `<${github.url}/organizations/${organization.id}/hooks?per_page=2&page=2>; rel="next"`,
    );
    const all = await octokit.paginate(octokit.rest.orgs.listWebhooks, { org, per_page: 2 });
    expect(all.map(({ config }) => config.url?.at(-1))).toEqual(['0', '1', '2']);
  });

  it('survive a restart, and never share ids with those of repositories', async () => {
    const stateFolder = createStateFolder();
    const before = await start({ stateFolder });
    const { data: hook } = await before.octokit.rest.orgs.createWebhook(NEW_HOOK);
    const { data: gone } = await before.octokit.rest.orgs.createWebhook({
      ...NEW_HOOK,
      config: { url: 'http://127.0.0.1:1/' },
    });
    await before.octokit.rest.orgs.deleteWebhook({ org, hook_id: gone.id });
    await before.github.close();
    const after = await start({ stateFolder });
    expect((await after.octokit.rest.orgs.listWebhooks({ org })).data).toEqual([
      expect.objectContaining({ id: hook.id, config: PROJECT_WEBHOOK_CONFIG }),
    ]);
    const repo = await createItemRepository(after.octokit);
    const config = PROJECT_WEBHOOK_CONFIG;
    const { data } = await after.octokit.rest.repos.createWebhook({ owner: org, repo, config });
    expect(data.id).toBeGreaterThan(gone.id);
  });
});

describe('a refused webhook', () => {
  it('is 422 when the organization already has it, and 404 for another organization', async () => {
    const { octokit } = await start();
    await octokit.rest.orgs.createWebhook(NEW_HOOK);
    await expect(octokit.rest.orgs.createWebhook(NEW_HOOK)).rejects.toMatchObject({
      status: 422,
      response: {
        data: {
          message: 'Validation Failed',
          errors: [{ resource: 'Hook', code: 'custom', message: 'Hook already exists on this organization' }],
          documentation_url: 'https://docs.github.com/rest/orgs/webhooks#create-an-organization-webhook',
        },
      },
    });
    await expect(octokit.rest.orgs.createWebhook({ ...NEW_HOOK, org: 'other' })).rejects.toMatchObject({
      status: 404,
    });
  });
});

describe('a push to any repository', () => {
  it('is delivered to the webhooks of the repository and of the organization', async () => {
    const receiver = await startReceiver();
    const { octokit } = await start({ deliveries: 'on' });
    const config = { url: receiver.url, content_type: 'json' };
    const { data: hook } = await octokit.rest.orgs.createWebhook({ ...NEW_HOOK, config });
    const one = await createItemRepository(octokit, { name: 'item-1' });
    await octokit.rest.repos.createWebhook({ owner: org, repo: one, config });
    await putItem(octokit, { repo: one, edition: 2 });
    const other = await createItemRepository(octokit, { name: 'item-2' });
    const seen = (count: number) => holdsEventually(() => expect(receiver.received).toHaveLength(count));
    await seen(8);

    const { data: organization } = await octokit.rest.orgs.get({ org });
    const idOf = async (repo: string) => (await octokit.rest.repos.get({ owner: org, repo })).data.id;
    const told = receiver.received.map(({ event, target, body }) => {
      const { repository } = JSON.parse(body);
      return [event, ...target, repository?.name].join(' ');
    });
    const ours = `organization ${organization.id}`;
    expect(told.toSorted()).toEqual([
      `ping ${ours} `,
      `ping repository ${await idOf(one)} ${one}`,
      `push ${ours} ${one}`,
      `push ${ours} ${one}`,
      `push ${ours} ${other}`,
      `push repository ${await idOf(one)} ${one}`,
      `repository ${ours} ${one}`,
      `repository ${ours} ${other}`,
    ]);

    const { data: deliveries } = await octokit.rest.orgs.listWebhookDeliveries({ org, hook_id: hook.id });
    const [ping] = deliveries.filter(({ event }) => event === 'ping');
    expect(ping).toMatchObject({ status_code: 202, repository_id: null });
    const delivery = { org, hook_id: hook.id, delivery_id: Number(ping?.id) };
    const { data: whole } = await octokit.rest.orgs.getWebhookDelivery(delivery);
    expect(whole.request.payload).toMatchObject({
      hook: { type: 'Organization' },
      organization: { login: org },
    });
    expect((await octokit.rest.orgs.redeliverWebhookDelivery(delivery)).status).toBe(202);
    await seen(9);
    expect(receiver.received[8]).toMatchObject({ event: 'ping', guid: ping?.guid });
  });
});
