import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { useCommands } from '../support/commands.ts';
import { sampled, spread } from '../support/extent.ts';
import { workerPort } from '../support/worker-stack.ts';

const { run, runNpm } = useCommands();

describe('the commands', () => {
  const MISTAKES: [string[], Record<string, string>, string | RegExp][] = [
    [['sync', '--fast'], {}, 'Unknown option --fast'],
    [['nothing'], {}, 'There is no command "nothing"'],
    [['sync'], { LOCAL_API_PORT: '0', LOG_LEVEL: 'loud' }, /LOCAL_API_PORT[\s\S]*LOG_LEVEL/],
    [['sync', '--write'], {}, '--write is for a real organization, which ITEM_BANK_ORG names'],
    [['start', '--write'], {}, '--write is for a real organization, which ITEM_BANK_ORG names'],
    [['sync'], { ITEM_BANK_FOLDER: '/nowhere/at/all' }, '/nowhere/at/all, which does not exist'],
    [['sync'], { ITEM_BANK_SIZE: 'abc' }, 'ITEM_BANK_SIZE must be a number from 0 to 200000, but is abc.'],
    [['reset'], { npm_config_dry_run: 'true' }, 'npm run reset has no option --dry-run'],
  ];
  it.each(spread(MISTAKES, 2))(
    '%j with %j exits with 2 and says what is wrong',
    async (args, environment, sentence) => {
      const { code, stderr } = await run(args, environment);
      expect(code).toBe(2);
      expect(stderr).toMatch(sentence);
      expect(stderr).not.toContain('    at ');
    },
  );

  const WITHOUT_DASHES: [string[], string][] = [
    [['run', 'sync', '--dry-run'], 'Use npm run sync -- --dry-run.'],
    [['start', '--write'], 'Use npm start -- --write.'],
    [['run', 'logs', '--follow'], 'Use npm run logs -- --follow.'],
  ];
  it.each(sampled(WITHOUT_DASHES, 1))(
    'npm %j exits with 2 and prints the correct command',
    async (args, sentence) => {
      const { code, stderr } = await runNpm(args);
      expect(stderr).toContain(sentence);
      expect(code).toBe(2);
    },
  );

  it.each(sampled(['sync', 'start', 'logs', 'reset'], 1))(
    '%s --help explains the command and does nothing',
    async (name) => {
      const { code, stdout, stderr } = await run([name, '--help'], { LOG_LEVEL: 'loud' });
      expect(stdout).toMatch(/^Usage: npm (run )?\w+/);
      expect([code, stderr]).toEqual([0, '']);
    },
  );

  it.each(sampled(['sync', 'start', 'logs'], 1))(
    '%s names a state folder that cannot be used',
    async (name) => {
      const { code, stderr } = await run([name], { LOCAL_STATE_FOLDER: '/proc/nothing/state' });
      expect(stderr).toMatch(
        name === 'logs'
          ? 'Nothing has been logged yet'
          : 'The state folder /proc/nothing/state cannot be used, because it does not exist and cannot be created: set LOCAL_STATE_FOLDER to a folder that you may write to.\n',
      );
      expect(code).toBe(name === 'logs' ? 2 : 1);
    },
  );

  it('sync says which variable differs from those that the state was created with', async () => {
    expect((await run(['sync'], { ITEM_BANK_SIZE: '12' })).code).toBe(0);
    const { code, stderr } = await run(['sync'], { ITEM_BANK_SIZE: '13' });
    expect(stderr).toContain(
      'ITEM_BANK_SIZE was 12 when the state was created, and is 13. Set the former value, or run npm run reset',
    );
    expect(code).toBe(2);
  });

  it('sync names the variable that changes a taken port', async () => {
    const port = workerPort('GITHUB');
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    const { code, stderr } = await run(['sync']);
    await new Promise((resolve) => other.close(resolve));
    expect(code).toBe(1);
    expect(stderr).toContain(`Port ${port} is taken by another program: end it, or set LOCAL_GITHUB_PORT`);
  });
});
