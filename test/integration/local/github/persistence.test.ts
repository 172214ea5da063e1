import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Octokit } from '@octokit/rest';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { GitHubOptions } from '../../../../local/github/simulated-github.ts';
import {
  createStateFolder,
  findRepositories,
  OPTIONS,
  ORGANIZATION,
  PROJECT_WEBHOOK_CONFIG,
  PROJECT_WEBHOOK_URL,
  start,
} from './support.ts';

const owner = ORGANIZATION;

/** A server in its own process, which sends its URL and can be killed. */
function forkServer(options: GitHubOptions): ChildProcess {
  const module = new URL('../../../../local/github/simulated-github.ts', import.meta.url);
  const program = `import { startSimulatedGitHub } from '${module}';
    const { url } = await startSimulatedGitHub(${JSON.stringify(options)});
    process.send(url);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Starts a server on the folder, runs the work, and stops the server. */
async function visit<T>(options: Partial<GitHubOptions>, work: (octokit: Octokit) => Promise<T>): Promise<T> {
  const { github, octokit } = await start(options);
  const result = await work(octokit);
  await github.close();
  return result;
}

const snapshot = (octokit: Octokit) =>
  Promise.all([
    octokit.graphql(`{ organization(login: "${owner}") { repositories(first: 100) {
      nodes { id name isArchived updatedAt } } } }`),
    octokit
      .paginate(octokit.rest.repos.listForOrg, { org: owner })
      .then((repositories) =>
        Promise.all(repositories.map(({ name: repo }) => octokit.rest.repos.listWebhooks({ owner, repo }))),
      )
      .then((answers) =>
        answers.map(({ data }) => data.map(({ id, config, active }) => ({ id, config, active }))),
      ),
  ]);

async function changeSomething(octokit: Octokit): Promise<{ repo: string; hookId: number }> {
  const { hooked, unhooked } = await findRepositories(octokit);
  const { data } = await octokit.rest.repos.createWebhook({
    owner,
    repo: unhooked,
    config: { ...PROJECT_WEBHOOK_CONFIG, secret: 's3cret' },
  });
  const { data: hooks } = await octokit.rest.repos.listWebhooks({ owner, repo: hooked });
  await octokit.rest.repos.deleteWebhook({ owner, repo: hooked, hook_id: hooks[0]?.id ?? 0 });
  await octokit.rest.repos.update({ owner, repo: hooked, archived: true });
  return { repo: unhooked, hookId: data.id };
}

describe('the bank', () => {
  it('is unchanged after a restart', async () => {
    const stateFolder = createStateFolder();
    const before = await visit({ stateFolder }, async (octokit) => {
      await changeSomething(octokit);
      return snapshot(octokit);
    });
    expect(await visit({ stateFolder }, snapshot)).toEqual(before);
  });

  it('drops a line that a kill cut off, and continues', async () => {
    const stateFolder = createStateFolder();
    const journal = join(stateFolder, 'journal.jsonl');
    const before = await visit({ stateFolder }, async (octokit) => {
      await changeSomething(octokit);
      return snapshot(octokit);
    });
    appendFileSync(journal, '{"type":"hook-deleted","repositoryId":1310');
    expect(await visit({ stateFolder }, snapshot)).toEqual(before);

    const after = await visit({ stateFolder }, async (octokit) => {
      const { hooked } = await findRepositories(octokit);
      await octokit.rest.repos.update({ owner, repo: hooked, archived: true });
      return snapshot(octokit);
    });
    expect(after).not.toEqual(before);
    expect(await visit({ stateFolder }, snapshot)).toEqual(after);
  });

  it('never reuses the id of a deleted webhook', async () => {
    const stateFolder = createStateFolder();
    const { repo, hookId } = await visit({ stateFolder }, async (octokit) => {
      const created = await changeSomething(octokit);
      await octokit.rest.repos.deleteWebhook({ owner, repo: created.repo, hook_id: created.hookId });
      return created;
    });
    const again = await visit({ stateFolder }, (octokit) =>
      octokit.rest.repos.createWebhook({ owner, repo, config: PROJECT_WEBHOOK_CONFIG }),
    );
    expect(again.data.id).toBeGreaterThan(hookId);
  });

  it('keeps the URLs of its webhooks when the URL of the service changes', async () => {
    const stateFolder = createStateFolder();
    const before = await visit({ stateFolder }, snapshot);
    expect(await visit({ stateFolder, projectWebhookUrl: `${PROJECT_WEBHOOK_URL}/moved` }, snapshot)).toEqual(
      before,
    );
  });

  it.each([
    { changes: { seed: 8 }, difference: 'seed is 7 there and 8 here' },
    { changes: { repositories: 26 }, difference: 'repositories is 25 there and 26 here' },
    { changes: { withoutProjectWebhook: 6 }, difference: 'withoutProjectWebhook is 5 there and 6 here' },
    { changes: { organization: 'other' }, difference: 'organization is item-bank there and other here' },
  ])('of another origin is refused: $difference', async ({ changes, difference }) => {
    const stateFolder = createStateFolder();
    await visit({ stateFolder }, async () => {});
    await expect(start({ stateFolder, ...changes })).rejects.toThrow(
      `The state in ${stateFolder} belongs to another bank: ${difference}.`,
    );
  });

  it('is refused when its journal was edited', async () => {
    const stateFolder = createStateFolder();
    const journal = join(stateFolder, 'journal.jsonl');
    await visit({ stateFolder }, changeSomething);
    writeFileSync(journal, `not a change\n${readFileSync(journal, 'utf8')}`);
    await expect(start({ stateFolder })).rejects.toThrow(`${journal}:1 is not JSON.`);
  });
});

describe('a server that is killed', () => {
  it('loses no write that it has answered', async () => {
    const stateFolder = createStateFolder();
    const child = forkServer({ ...OPTIONS, stateFolder });
    const [url] = await once(child, 'message');
    const octokit = new Octokit({ baseUrl: String(url), auth: OPTIONS.token });
    const { repo, hookId } = await changeSomething(octokit);
    child.kill('SIGKILL');
    await once(child, 'exit');

    const after = await start({ stateFolder });
    const { data } = await after.octokit.rest.repos.getWebhook({ owner, repo, hook_id: hookId });
    expect(data.config.url).toBe(PROJECT_WEBHOOK_URL);
  });
});

describe('a port that is in use', () => {
  it('is an error with its original code, and leaves the folder usable', async () => {
    const { github } = await start();
    const stateFolder = createStateFolder();
    const attempt = start({ stateFolder, port: Number(new URL(github.url).port) });
    await expect(attempt).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await expect(start({ stateFolder })).resolves.toBeDefined();
  });
});
