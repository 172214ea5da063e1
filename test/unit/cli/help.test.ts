import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { SHELLS } from '../../../cli/completion.ts';
import { ERRORS } from '../../../functions/shared/contract/errors.ts';
import { runCli } from '../../support/cli.ts';

const COMMANDS = [
  ...['start', 'watch', 'status', 'runs', 'failures', 'changes', 'webhooks', 'item'],
  ...['stop', 'restart', 'abandon', 'logs', 'doctor', 'smoke', 'completion'],
];

describe('help', () => {
  it('lists every command on stdout, and exits with 0', async () => {
    const { exit, stdout, stderr } = await runCli(['--help']);
    for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
    expect([exit, stderr]).toEqual([0, '']);
  });

  it.each(COMMANDS)('of %s describes it, with the options that all commands have', async (name) => {
    const { exit, stdout, stderr } = await runCli([name, '--help']);
    expect(stdout).toMatch(new RegExp(`^Usage: item-sync ${name}`));
    expect(stdout).toContain('Global Options:');
    expect([exit, stderr]).toEqual([0, '']);
  });

  it('on stderr is short if no command is given', async () => {
    const { exit, stdout } = await runCli([]);
    expect([exit, stdout]).toEqual([2, '']);
  });
});

describe('wrong use', () => {
  it.each([
    [['statsu'], "unknown command 'statsu'"],
    [['status', '--fast'], "unknown option '--fast'"],
    [['status', '1', '2'], 'too many arguments'],
    [['runs', '--status', 'GOOD'], 'Allowed choices are STARTING, STARTED'],
    [['logs', '--since', 'yesterday'], 'It must be a number with a unit: 90s, 10m, 2h or 3d.'],
    [['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish.'],
  ])('%j exits with 2, and says how to get help', async (args, sentence) => {
    const { exit, stdout, stderr } = await runCli(args);
    expect(stderr).toContain(sentence);
    expect(stderr).toContain('Use --help to see commands and options.');
    expect([exit, stdout]).toEqual([2, '']);
  });
});

describe('the completion', () => {
  it.each(SHELLS)('of %s has every command and its options', async (shell) => {
    const { exit, stdout, stderr } = await runCli(['completion', shell]);
    for (const name of COMMANDS) expect(stdout).toContain(name);
    for (const option of ['removal-limit', 'exit-status', 'profile']) expect(stdout).toContain(option);
    expect([exit, stderr]).toEqual([0, '']);
  });

  it.each([
    [
      ['item-sync', 'st'],
      ['start', 'status', 'stop'],
    ],
    [
      ['item-sync', 'start', '--'],
      ['--wait', '--dry-run', '--removal-limit', '--json'],
    ],
    [['item-sync', '--json', 'start', '--w'], ['--wait']],
    [
      ['item-sync', 'runs', '--trigger', ''],
      ['api', 'schedule', 'console'],
    ],
    [['item-sync', 'completion', 'z'], ['zsh']],
  ])('completes %j in bash', async (words, expected) => {
    const { stdout: script } = await runCli(['completion', 'bash']);
    const complete = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_item_sync; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const output = execFileSync('bash', ['--norc', '-c', `${script}\n${complete}`], { encoding: 'utf8' });
    expect(output.trim().split('\n')).toEqual(expect.arrayContaining(expected));
    const typed = words.at(-1) ?? '';
    expect(
      output
        .trim()
        .split('\n')
        .every((word) => word.startsWith(typed)),
    ).toBe(true);
  });
});

describe('every error that a caller of the API can cause', () => {
  /** GitHub's deliveries are the only requests that can cause these. */
  const OF_DELIVERIES = ['SIGNATURE_INVALID', 'REQUEST_TOO_LARGE'];
  const codes = Object.values(ERRORS)
    .filter((error) => 'isCallers' in error && !OF_DELIVERIES.includes(error.code))
    .map(({ code }) => code);

  it.each(codes)('has a sentence of its own: %s', async (code) => {
    const answer = () => ({ status: 418, body: { code, detail: 'the detail' } });
    const { stderr } = await runCli(['status', '3'], { answer });
    expect(stderr).not.toContain('answered 418');
    expect(stderr).toContain('the detail');
  });
});
