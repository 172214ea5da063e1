import type { Octokit } from '@octokit/rest';
import { describe, expect, it } from 'vitest';
import { holdsEventually } from '../../../support/eventually.ts';
import { startReceiver } from './receiver.ts';
import { createItemRepository, ORGANIZATION, putItem, start } from './support.ts';

const owner = ORGANIZATION;

/** A repository whose own webhook and the organization's receive all events at the paths `/repository` and `/organization`. */
async function startWithHooks(events: string[] = ['*']) {
  const receiver = await startReceiver();
  const { octokit } = await start({ deliveries: 'on' });
  const repo = await createItemRepository(octokit);
  const configOf = (path: string) => ({ url: `${receiver.url}/${path}`, content_type: 'json' });
  const hook = await octokit.rest.repos.createWebhook({
    ...{ owner, repo, events },
    config: configOf('repository'),
  });
  await octokit.rest.orgs.createWebhook({
    ...{ org: owner, name: 'web', events },
    config: configOf('organization'),
  });
  const lines = () =>
    receiver.received
      .filter(({ event }) => event !== 'ping')
      .map(({ path, event, body }) =>
        [path, event, JSON.parse(body).action].filter((part) => part !== undefined).join(' '),
      );
  /** Waits until both webhooks have received exactly these events, in any order. */
  const receive = (repository: string[], organization: string[]) =>
    holdsEventually(() =>
      expect(lines().toSorted()).toEqual(
        [
          ...repository.map((event) => `/webhook/repository ${event}`),
          ...organization.map((event) => `/webhook/organization ${event}`),
        ].toSorted(),
      ),
    );
  const payload = (event: string) => {
    const found = receiver.received.find((one) => one.event === event);
    return JSON.parse(found?.body ?? 'null');
  };
  return { octokit, repo, hook: { owner, repo, hook_id: hook.data.id }, receiver, receive, payload };
}

type Change = (octokit: Octokit, repo: string) => Promise<unknown>;
const update =
  (settings: object): Change =>
  (octokit, repo) =>
    octokit.rest.repos.update({ owner, repo, ...settings });

describe('a change of a repository', () => {
  it.each<[string, Change, string[], object]>([
    [
      'its name',
      update({ name: 'renamed' }),
      ['repository renamed'],
      { changes: { repository: { name: { from: 'item-424242' } } }, repository: { name: 'renamed' } },
    ],
    [
      'its description',
      update({ description: 'new' }),
      ['repository edited'],
      { changes: { description: { from: null } } },
    ],
    ['archived', update({ archived: true }), ['repository archived'], { repository: { archived: true } }],
    [
      'its visibility',
      update({ private: false }),
      ['repository publicized', 'public'],
      { repository: { visibility: 'public' } },
    ],
  ])('is delivered to its webhooks and the organization (%s)', async (_, change, events, payload) => {
    const running = await startWithHooks();
    await change(running.octokit, running.repo);
    await running.receive(events, events);
    expect(running.payload('repository')).toMatchObject({
      ...payload,
      organization: { login: owner },
      sender: { type: 'User' },
    });
  });

  it('is not delivered if nothing changed, or the webhook has not subscribed to it', async () => {
    const same = await startWithHooks();
    await update({ name: same.repo, description: '' })(same.octokit, same.repo);
    const other = await startWithHooks(['push']);
    await update({ name: 'renamed' })(other.octokit, other.repo);
    await putItem(other.octokit, { repo: 'renamed', edition: 2 });
    await other.receive(['push'], ['push']);
    await same.receive([], []);
  });

  it('that deletes it is delivered to the organization only', async () => {
    const { octokit, repo, receive, payload } = await startWithHooks();
    await octokit.rest.repos.delete({ owner, repo });
    await receive([], ['repository deleted']);
    expect(payload('repository')).toMatchObject({ repository: { name: repo, owner: { login: owner } } });
  });

  it('of its owner is delivered to its own webhooks only, with the new owner', async () => {
    const { octokit, repo, receive, payload } = await startWithHooks();
    await octokit.rest.repos.transfer({ owner, repo, new_owner: 'elsewhere' });
    await receive(['repository transferred'], []);
    expect(payload('repository')).toMatchObject({
      repository: { full_name: `elsewhere/${repo}`, owner: { login: 'elsewhere' } },
      organization: { login: 'elsewhere' },
      changes: { owner: { from: { organization: { login: owner } } } },
    });
  });

  it('is delivered when it is created', async () => {
    const { octokit, receive } = await startWithHooks();
    await octokit.rest.repos.createInOrg({ org: owner, name: 'new', auto_init: true });
    await receive([], ['repository created', 'push', 'create']);
  });
});

describe('a branch', () => {
  it('that is created or deleted is delivered besides its push', async () => {
    const { octokit, repo, receive, payload } = await startWithHooks();
    const { data } = await octokit.rest.git.getRef({ owner, repo, ref: 'heads/main' });
    const ref = 'refs/heads/create_greta';
    await octokit.rest.git.createRef({ owner, repo, ref, sha: data.object.sha });
    await octokit.rest.git.deleteRef({ owner, repo, ref: 'heads/create_greta' });
    const events = ['push', 'push', 'create', 'delete'];
    await receive(events, events);
    const branch = { ref: 'create_greta', ref_type: 'branch', repository: { name: repo } };
    expect(payload('create')).toMatchObject({ ...branch, master_branch: 'main' });
    expect(payload('delete')).toMatchObject(branch);
  });
});

describe('a webhook that is deleted', () => {
  it('is told so itself, if it has subscribed to that', async () => {
    const { octokit, hook, receive, payload } = await startWithHooks(['meta']);
    await octokit.rest.repos.deleteWebhook(hook);
    await receive(['meta deleted'], []);
    expect(payload('meta')).toMatchObject({
      hook_id: hook.hook_id,
      hook: { type: 'Repository', events: ['meta'] },
      repository: { name: hook.repo },
    });
    const silent = await startWithHooks(['push']);
    await silent.octokit.rest.repos.deleteWebhook(silent.hook);
    await putItem(silent.octokit, { repo: silent.repo, edition: 2 });
    await silent.receive([], ['push']);
  });
});
