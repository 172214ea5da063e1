import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type SimulatedGitHub, startSimulatedGitHub } from '../../local/github/simulated-github.ts';
import { endOf, postSync, said, useCommands } from '../support/commands.ts';

const { run, start, stateFolder } = useCommands();

const TOKEN = 'a-token-that-nobody-may-see';
const RECEIVER = 'https://items.example.com/webhook';
const CREATED_HOOKS = 'POST /repos/{owner}/{repo}/hooks';

const toWrite = { PROJECT_WEBHOOK_URL: RECEIVER, PROJECT_WEBHOOK_SECRET: 'signs-deliveries' };

/** GitHub as the command finds it: another program, on a port of its own. */
async function startOrganization(): Promise<{ site: SimulatedGitHub; environment: Record<string, string> }> {
  const folder = await mkdtemp(join(tmpdir(), 'item-sync-organization-'));
  const site = await startSimulatedGitHub({
    port: 0,
    stateFolder: folder,
    organization: 'Acme',
    token: TOKEN,
    repositories: 12,
    withoutProjectWebhook: 3,
    projectWebhookUrl: RECEIVER,
    seed: 1,
    latencyMs: 0,
    limits: 'off',
  });
  onTestFinished(async () => {
    await site.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { site, environment: { ITEM_BANK_ORG: 'Acme', GITHUB_API_URL: site.url, GITHUB_TOKEN: TOKEN } };
}

const writes = ({ traffic }: SimulatedGitHub): string[] =>
  [...traffic.requests.keys()].filter((route) => !/^(GET|POST \/graphql)/.test(route));

describe('sync on a real organization', () => {
  it('is a dry run, says so, and keeps apart what it keeps', async () => {
    const { site, environment } = await startOrganization();
    const { code, stdout, stderr } = await run(['sync'], environment);
    expect(stderr).toContain(
      `Working on the organization Acme at ${site.url}: a dry run, which writes nothing. To write, set PROJECT_WEBHOOK_URL and PROJECT_WEBHOOK_SECRET, and use npm run sync -- --write.\n`,
    );
    expect(stdout).toContain('Total item bank ids: 12,');
    expect(code).toBe(0);
    expect(writes(site)).toEqual([]);
    expect(stdout + stderr).not.toContain(TOKEN);

    const folder = `acme@${new URL(site.url).host.replace(':', '-')}`;
    expect((await readdir(stateFolder())).sort()).toEqual([folder, 'assemblies']);
    expect((await run(['logs'], environment)).stdout).toContain('Total item bank ids: 12,');
    expect((await run(['logs'])).stderr).toContain('Nothing has been logged yet');
    expect((await run(['reset'])).stdout).toContain(`Kept the state of other item banks: ${folder}.`);
    expect((await run(['reset'], environment)).stdout).toContain(join(stateFolder(), folder));
    await expect(readdir(stateFolder())).resolves.toEqual([]);
  });

  it('writes with --write, a receiver and its secret', async () => {
    const { site, environment } = await startOrganization();
    const { code, stdout, stderr } = await run(['sync', '--write'], { ...environment, ...toWrite });
    expect(stderr).toContain(
      `Working on the organization Acme at ${site.url}: the run writes its webhooks, and the mirror on this machine.\n`,
    );
    expect(stdout).toContain('Total item bank ids: 12, number of items requiring project webhook: 3');
    expect(code).toBe(0);
    expect(site.traffic.requests.get(CREATED_HOOKS)).toBe(3);
    expect(stdout + stderr).not.toContain(TOKEN);
  });

  it('is a dry run in a cloud that may write, unless it has --write itself', async () => {
    const { site, environment } = await startOrganization();
    const up = start(['start', '--write'], { ...environment, ...toWrite });
    await said(up, 'Ctrl-C ends it');
    const dry = await run(['sync'], { ...environment, ...toWrite });
    expect(dry).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('To write, use npm run sync -- --write.'),
    });
    expect(writes(site)).toEqual([]);
    expect(await run(['sync', '--write'], { ...environment, ...toWrite })).toMatchObject({ code: 0 });
    expect(writes(site)).toEqual([CREATED_HOOKS]);
  });
});

describe('start on a real organization', () => {
  it('makes every run a dry run, whoever asks for it', async () => {
    const { site, environment } = await startOrganization();
    const up = start(['start'], environment);
    const guide = await said(up, 'npm run logs -- --follow');
    expect(guide).toContain(
      `the organization Acme at ${site.url}: every run is a dry run and writes nothing\n`,
    );
    expect((await postSync()).status).toBe(202);
    const follow = start(['logs', '--follow'], environment);
    await said(follow, 'Job execution id: 1, exit status code: COMPLETED');
    expect(writes(site)).toEqual([]);

    const { code, stderr } = await run(['sync', '--write'], { ...environment, ...toWrite });
    expect(code).toBe(2);
    expect(stderr).toContain('was started without --write: end it, and use npm start -- --write');
    const ended = endOf(up);
    up.kill('SIGINT');
    expect((await ended).code).toBe(0);
    expect(guide).not.toContain(TOKEN);
  });
});

describe('wrong use on a real organization', () => {
  const organization = { ITEM_BANK_ORG: 'Acme', GITHUB_TOKEN: TOKEN };

  it.each<[string[], Record<string, string>, string]>([
    [['sync'], { ITEM_BANK_ORG: 'Acme' }, 'GITHUB_TOKEN is missing'],
    [['sync', '--write'], organization, '--write needs PROJECT_WEBHOOK_URL and PROJECT_WEBHOOK_SECRET'],
    [['sync', '--write', '--dry-run'], { ...organization, ...toWrite }, 'exclude each other'],
    [
      ['sync'],
      { ...organization, ITEM_BANK_FOLDER: '/tmp' },
      'ITEM_BANK_FOLDER: does not go together with ITEM_BANK_ORG',
    ],
    [
      ['start'],
      { ...organization, PROJECT_WEBHOOK_URL: 'https://10.0.0.1/' },
      'PROJECT_WEBHOOK_URL: must be an https URL',
    ],
    [
      ['sync'],
      { ...organization, GITHUB_API_URL: 'http://github.example.com' },
      'GITHUB_API_URL: must be an https URL',
    ],
    [['sync'], { ...organization, ITEM_BANK_ORG: '../acme' }, 'ITEM_BANK_ORG: must be the login'],
  ])('%j with %j: 2 and a sentence, and nothing is started', async (args, environment, sentence) => {
    const { code, stdout, stderr } = await run(args, environment);
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
    expect(stdout + stderr).not.toContain(TOKEN);
    expect(stderr).not.toContain('    at ');
    expect(await readdir(stateFolder())).toEqual(['assemblies']);
  });
});
