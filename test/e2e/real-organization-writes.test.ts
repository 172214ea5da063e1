import { describe, expect, it } from 'vitest';
import { endOf, postSync, said, useCommands } from '../support/commands.ts';
import { startOrganization, TO_WRITE, TOKEN, writesTo } from './organization.ts';

const { run, start } = useCommands();

const CREATED_HOOKS = 'POST /repos/{owner}/{repo}/hooks';

describe('sync on a real organization', () => {
  it('writes with --write, the URL of the webhook and its secret', async () => {
    const { site, environment } = await startOrganization();
    const { code, stdout, stderr } = await run(['sync', '--write'], { ...environment, ...TO_WRITE });
    expect(stderr).toContain(
      `Working on the organization Acme at ${site.url}: the run writes its webhooks, and the mirror on this machine.\n`,
    );
    expect(stdout).toContain('Total item bank ids: 12, number of items requiring project webhook: 3');
    expect(code).toBe(0);
    expect(site.traffic.requests.get(CREATED_HOOKS)).toBe(3);
    expect(stdout + stderr).not.toContain(TOKEN);
  });

  it('is a dry run without --write, even while a start with --write is running', async () => {
    const { site, environment } = await startOrganization();
    const up = start(['start', '--write'], { ...environment, ...TO_WRITE });
    await said(up, 'Ctrl-C ends it');
    const dry = await run(['sync'], { ...environment, ...TO_WRITE });
    expect(dry).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('To write, use npm run sync -- --write.'),
    });
    expect(writesTo(site)).toEqual([]);
    expect(await run(['sync', '--write'], { ...environment, ...TO_WRITE })).toMatchObject({ code: 0 });
    expect(writesTo(site)).toEqual([CREATED_HOOKS]);
  });
});

describe('start on a real organization', () => {
  it('makes every run a dry run, and sync --write refuses to use it', async () => {
    const { site, environment } = await startOrganization();
    const up = start(['start'], environment);
    const guide = await said(up, 'npm run logs -- --follow');
    expect(guide).toContain(
      `the organization Acme at ${site.url}: every run is a dry run and writes nothing\n`,
    );
    expect((await postSync()).status).toBe(202);
    const follow = start(['logs', '--follow'], environment);
    await said(follow, 'Job execution id: 1, exit status code: COMPLETED');
    expect(writesTo(site)).toEqual([]);

    const { code, stderr } = await run(['sync', '--write'], { ...environment, ...TO_WRITE });
    expect(code).toBe(2);
    expect(stderr).toContain('was started without --write: end it, and use npm start -- --write');
    const ended = endOf(up);
    up.kill('SIGINT');
    expect((await ended).code).toBe(0);
    expect(guide).not.toContain(TOKEN);
  });
});
