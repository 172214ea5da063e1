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
  /** What is in the state folder, which has a bank already. */
  files?: Record<string, string>;
}

const FAULTS: Fault[] = [
  {
    what: 'a folder of items that is not there',
    message: /^There is no folder \/nowhere\/at\/all\.$/,
    options: (stateFolder) => ({
      stateFolder: join(stateFolder, 'other'),
      itemBankFolder: '/nowhere/at/all',
    }),
  },
  {
    what: 'a folder of items that is a file',
    message: /bank\.json cannot be read \(ENOTDIR\)\.$/,
    options: (stateFolder) => ({
      stateFolder: join(stateFolder, 'other'),
      itemBankFolder: join(stateFolder, 'bank.json'),
    }),
  },
  {
    what: 'a folder of items that holds none',
    message: /holds an item\.json\.$/,
    options: (stateFolder) => ({ stateFolder: join(stateFolder, 'other'), itemBankFolder: stateFolder }),
  },
  {
    what: 'a state folder below a file',
    message: /^The state folder .*other cannot be used \(ENOTDIR\)\.$/,
    options: (stateFolder) => ({ stateFolder: join(stateFolder, 'bank.json', 'other') }),
  },
  {
    what: 'more webhooks to be missing than there are repositories',
    message: /^26 repositories without the project webhook, of a bank of 25$/,
    options: (stateFolder) => ({ stateFolder: join(stateFolder, 'other'), withoutProjectWebhook: 26 }),
  },
  {
    what: 'an App on repositories that are not there',
    message: /^The App is installed on nothing, which is not there\.$/,
    options: () => ({ app: { id: 1, installationId: 2, publicKey: '', repositories: ['nothing'] } }),
  },
  {
    what: 'the bank of another seed',
    message: /belongs to another bank: seed is 7 there and 8 here\. Delete the folder/,
    options: () => ({ seed: 8 }),
  },
  {
    what: 'an origin that is not JSON',
    message: /bank\.json is not JSON\. Delete the folder/,
    options: () => ({}),
    files: { 'bank.json': 'half' },
  },
  {
    what: 'a journal that is not JSON',
    message: /journal\.jsonl:1 is not JSON\. Delete the folder/,
    options: () => ({}),
    files: { 'journal.jsonl': 'half\n' },
  },
  {
    what: 'a journal of something else',
    message: /journal\.jsonl:1 is not a change of a bank\. Delete the folder/,
    options: () => ({}),
    files: { 'journal.jsonl': '[]\n' },
  },
  {
    what: 'a journal of a later version',
    message: /a change that this version does not know: \{"type":"star-given"\}\. Delete the state folder/,
    options: () => ({}),
    files: { 'journal.jsonl': '{"type":"star-given"}\n' },
  },
];

describe('what a person can put right', () => {
  it.each(FAULTS)('is a BankError in words: $what', async ({ message, options, files = {} }) => {
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
