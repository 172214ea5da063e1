import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useCommands } from '../support/commands.ts';
import { startOrganization, TO_WRITE, TOKEN, writesTo } from './organization.ts';

const { run, stateFolder } = useCommands();

describe('sync on a real organization', () => {
  it('is a dry run by default, says so, and has a state folder of its own', async () => {
    const { site, environment } = await startOrganization();
    const { code, stdout, stderr } = await run(['sync'], environment);
    expect(stderr).toContain(
      `Working on the organization Acme at ${site.url}: a dry run, which writes nothing. To write, set PROJECT_WEBHOOK_URL and PROJECT_WEBHOOK_SECRET, and use npm run sync -- --write.\n`,
    );
    expect(stdout).toContain('Total item bank ids: 12,');
    expect(code).toBe(0);
    expect(writesTo(site)).toEqual([]);
    expect(stdout + stderr).not.toContain(TOKEN);

    const folder = `acme@${new URL(site.url).host.replace(':', '-')}`;
    expect((await readdir(stateFolder())).sort()).toEqual([folder, 'assemblies']);
    expect((await run(['logs'], environment)).stdout).toContain('Total item bank ids: 12,');
    expect((await run(['logs'])).stderr).toContain('Nothing has been logged yet');
    expect((await run(['reset'])).stdout).toContain(`Kept the state of other item banks: ${folder}.`);
    expect((await run(['reset'], environment)).stdout).toContain(join(stateFolder(), folder));
    await expect(readdir(stateFolder())).resolves.toEqual([]);
  });
});

describe('wrong use on a real organization', () => {
  const organization = { ITEM_BANK_ORG: 'Acme', GITHUB_TOKEN: TOKEN };

  it.each<[string[], Record<string, string>, string]>([
    [['sync'], { ITEM_BANK_ORG: 'Acme' }, 'GITHUB_TOKEN is missing'],
    [['sync'], { ...organization, GITHUB_TOKEN: '“a-token”' }, 'GITHUB_TOKEN contains a character that'],
    [['sync', '--write'], organization, '--write needs PROJECT_WEBHOOK_URL and PROJECT_WEBHOOK_SECRET'],
    [['sync', '--write', '--dry-run'], { ...organization, ...TO_WRITE }, 'exclude each other'],
    [
      ['sync'],
      { ...organization, ITEM_BANK_FOLDER: '/tmp' },
      'ITEM_BANK_FOLDER does not go together with ITEM_BANK_ORG',
    ],
    [
      ['start'],
      { ...organization, PROJECT_WEBHOOK_URL: 'https://10.0.0.1/' },
      'PROJECT_WEBHOOK_URL must be an https URL',
    ],
    [
      ['sync'],
      { ...organization, GITHUB_API_URL: 'http://github.example.com' },
      'GITHUB_API_URL must be an https URL',
    ],
    [['sync'], { ...organization, ITEM_BANK_ORG: '../acme' }, 'ITEM_BANK_ORG must be the login'],
  ])(
    '%j with %j exits with 2, says what is wrong, and starts nothing',
    async (args, environment, sentence) => {
      const { code, stdout, stderr } = await run(args, environment);
      expect(code).toBe(2);
      expect(stderr).toContain(sentence);
      expect(stdout + stderr).not.toContain(TOKEN);
      expect(stderr).not.toContain('    at ');
      expect(await readdir(stateFolder())).toEqual(['assemblies']);
    },
  );
});
