import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withFiles } from '../../../../local/github/bank/bank-error.ts';
import { BankError, type GitHubOptions } from '../../../../local/github/simulated-github.ts';
import { createStateFolder, start } from './support.ts';

interface Fault {
  what: string;
  message: RegExp;
  options: (stateFolder: string) => Partial<GitHubOptions>;
  /** Written to the state folder of an existing bank. */
  files?: Record<string, string>;
}

const FAULTS: Fault[] = [
  {
    what: 'an item folder that does not exist',
    message: /^The folder \/nowhere\/at\/all does not exist\.$/,
    options: (stateFolder) => ({
      stateFolder: join(stateFolder, 'other'),
      itemBankFolder: '/nowhere/at/all',
    }),
  },
  {
    what: 'an item folder that is a file',
    message: /bank\.json cannot be read \(ENOTDIR\)\.$/,
    options: (stateFolder) => ({
      stateFolder: join(stateFolder, 'other'),
      itemBankFolder: join(stateFolder, 'bank.json'),
    }),
  },
  {
    what: 'an item folder without items',
    message: /has an item\.json\.$/,
    options: (stateFolder) => ({ stateFolder: join(stateFolder, 'other'), itemBankFolder: stateFolder }),
  },
  {
    what: 'a state folder below a file',
    message: /^The state folder .*other cannot be used \(ENOTDIR\)\.$/,
    options: (stateFolder) => ({ stateFolder: join(stateFolder, 'bank.json', 'other') }),
  },
  {
    what: 'more missing webhooks than repositories',
    message: /^26 repositories should lack the project webhook, but the bank has only 25$/,
    options: (stateFolder) => ({ stateFolder: join(stateFolder, 'other'), withoutProjectWebhook: 26 }),
  },
  {
    what: 'an App on an unknown repository',
    message: /^The App is installed on nothing, which does not exist\.$/,
    options: () => ({ app: { id: 1, installationId: 2, publicKey: '', repositories: ['nothing'] } }),
  },
  {
    what: 'a bank of another seed',
    message: /belongs to another bank: seed is 7 there and 8 here\.$/,
    options: () => ({ seed: 8 }),
  },
  {
    what: 'an origin that is not JSON',
    message: /bank\.json is not JSON\.$/,
    options: () => ({}),
    files: { 'bank.json': 'half' },
  },
  {
    what: 'a journal that is not JSON',
    message: /journal\.jsonl:1 is not JSON\.$/,
    options: () => ({}),
    files: { 'journal.jsonl': 'half\n' },
  },
  {
    what: 'a journal of other values',
    message: /journal\.jsonl:1 is not a change of a bank\.$/,
    options: () => ({}),
    files: { 'journal.jsonl': '[]\n' },
  },
  {
    what: 'a journal of a later version',
    message: /a change that this version does not know: \{"type":"star-given"\}\.$/,
    options: () => ({}),
    files: { 'journal.jsonl': '{"type":"star-given"}\n' },
  },
];

describe('a fault that a person can fix', () => {
  it.each(FAULTS)('is a BankError: $what', async ({ message, options, files = {} }) => {
    const stateFolder = createStateFolder();
    const { github } = await start({ stateFolder });
    await github.close();
    for (const [name, text] of Object.entries(files)) writeFileSync(join(stateFolder, name), text);
    const attempt = start({ stateFolder, ...options(stateFolder) });
    const fault: unknown = await attempt.catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(BankError);
    expect(fault).toMatchObject({ message: expect.stringMatching(message) });
  });

  it('does not report a full disk as a faulty bank', () => {
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'write' });
    const writing = () =>
      withFiles('The folder cannot be written', () => {
        throw full;
      });
    expect(writing).toThrow(full);
  });
});
