import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { useCommands } from '../support/commands.ts';
import { workerPort } from '../support/worker-stack.ts';

const { run } = useCommands();

describe('the commands', () => {
  it.each([
    [['sync', '--fast'], {}, 'Unknown option --fast'],
    [['nothing'], {}, 'There is no command "nothing"'],
    [['sync'], { LOCAL_API_PORT: '0', LOG_LEVEL: 'loud' }, /LOCAL_API_PORT[\s\S]*LOG_LEVEL/],
    [['sync', '--write'], {}, '--write is for a real organization, which ITEM_BANK_ORG names'],
    [['start', '--write'], {}, '--write is for a real organization, which ITEM_BANK_ORG names'],
    [['sync'], { ITEM_BANK_FOLDER: '/nowhere/at/all' }, '/nowhere/at/all does not exist'],
  ])('%j with %j exits with 2 and says what is wrong', async (args, environment, sentence) => {
    const { code, stderr } = await run(args, environment);
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toContain('    at ');
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
