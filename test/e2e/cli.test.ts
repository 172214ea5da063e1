import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ExecutionDetail,
  FindExecutionsAnswer,
  FindItemsAnswer,
  StartAnswer,
} from '../../cli/api/answers.ts';
import { IDENTITIES } from '../../local/configuration.ts';
import { type CliProcess, cliOf } from '../support/cli-process.ts';
import { said } from '../support/commands.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';
import { authorsOf } from './support.ts';

/** A line of a check, by its result and its name. */
const checkLine = (result: string, name: string): RegExp => new RegExp(`^${result} +${name} `, 'm');

describe('item-sync and a stack on this machine', () => {
  let embedded: Embedded;
  let cli: CliProcess;
  /** What is done to repositories before the second run. */
  let broken: { id: number; name: string };
  let deleted: { id: number; name: string };
  let withoutWebhook: { id: number; name: string };

  beforeAll(async () => {
    embedded = await startEmbedded();
    cli = cliOf(embedded);
  });
  afterAll(() => embedded?.close());

  it('doctor reports no failure, and what it could not check', async () => {
    const { code, stdout, stderr } = await cli.run(['doctor']);
    for (const name of [
      'token',
      'claims',
      'key set',
      'scope to start runs',
      'table of items',
      'GitHub secret',
    ]) {
      expect(stdout).toMatch(checkLine('ok', name));
    }
    expect(stdout).toMatch(checkLine('unknown', 'last run'));
    expect(stderr).toMatch(/^\d+ checks: 0 failed, \d unknown\.$/m);
    expect(code).toBe(0);
  });

  it('status says that there has been no run', async () => {
    const { code, stdout, stderr } = await cli.run(['status']);
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      'There has been no run yet. Start one: item-sync start\n',
    ]);
  });

  it('start --wait follows a run to its end', async () => {
    const { code, stdout, stderr } = await cli.run(['start', '--wait']);
    expect(stdout).toMatch(/^Job execution 1: COMPLETED\n/);
    expect(stdout).toMatch(/^ {2}outcomes +12 created$/m);
    expect(stderr).toMatch(/^Job execution 1 was started\.\n/);
    expect(code).toBe(0);
  });

  it('start --wait exits with 3 if items fail, and --json prints the run as the API describes it', async () => {
    const authors = authorsOf(embedded);
    const [first, second, third] = await authors.repositories();
    if (!first || !second || !third) throw new Error('the bank has 12 repositories');
    [broken, deleted, withoutWebhook] = [first, second, third];
    await authors.changeItem(broken.name, { id: 'not a number' });
    await authors.deleteRepository(deleted.name);
    await authors.deleteProjectWebhook(withoutWebhook.name);

    const { code, stdout } = await cli.run(['start', '--wait', '--json']);
    const run = ExecutionDetail.parse(JSON.parse(stdout));
    expect(run).toMatchObject({ jobExecutionId: 2, exitCode: 'COMPLETED_WITH_FAILURES' });
    expect((await embedded.get('/executions/2')).body).toEqual(JSON.parse(stdout));
    expect(code).toBe(3);
  });

  it('runs shows whether the last run succeeded', async () => {
    const { code, stdout } = await cli.run(['runs']);
    expect(stdout.split('\n')[1]).toMatch(/^2 .* api .* COMPLETED_WITH_FAILURES +11 +1$/);
    const json = await cli.run(['runs', '--json', '--status', 'COMPLETED', '--limit', '1']);
    const { executions } = FindExecutionsAnswer.parse(JSON.parse(json.stdout));
    expect(executions).toHaveLength(1);
    expect([code, json.code]).toEqual([0, 0]);
  });

  it('failures shows which items failed, why, and since when', async () => {
    const { code, stdout, stderr } = await cli.run(['failures']);
    expect(stdout.split('\n')[1]).toMatch(
      new RegExp(`^${broken.id} +${broken.name} +ITEM_ID_NOT_NUMERIC +\\d{4}-.* UTC  .+`),
    );
    expect(stderr).toBe(
      'Job execution 2: 1 failed item.\nITEM_ID_NOT_NUMERIC: Fix the id in item.json: it must consist of digits.\n',
    );
    expect(code).toBe(0);
  });

  it('failures --csv and --json print the same', async () => {
    const csv = await cli.run(['failures', '2', '--csv']);
    const [header, line, end] = csv.stdout.split('\r\n');
    expect(header).toBe('itemBankId,repository,reason,message,githubRequestId,since');
    expect(line).toMatch(new RegExp(`^${broken.id},${broken.name},ITEM_ID_NOT_NUMERIC,`));
    expect(end).toBe('');
    const { jobExecutionId, items } = JSON.parse((await cli.run(['failures', '2', '--json'])).stdout);
    expect(jobExecutionId).toBe(2);
    expect(items).toMatchObject([{ itemBankId: broken.id, since: expect.stringMatching(/^\d{4}-/) }]);
  });

  it('changes shows which items were removed', async () => {
    const { stdout } = await cli.run(['changes']);
    expect(stdout.split('\n').slice(1)).toEqual([
      expect.stringMatching(new RegExp(`^${deleted.id} +${deleted.name} +removed +DELETED$`)),
      '',
    ]);
    expect(JSON.parse((await cli.run(['changes', '1', '--json'])).stdout).items).toHaveLength(12);
  });

  it('webhooks shows which were missing', async () => {
    const { stdout, stderr } = await cli.run(['webhooks', '2']);
    expect(stdout.split('\n')[1]).toMatch(
      new RegExp(`^${withoutWebhook.id} +${withoutWebhook.name} +missing +created$`),
    );
    expect(stderr).toBe('Job execution 2: 1 webhook with a problem, 0 not fixed.\n');
  });

  it('item shows why an item is stale, by each of its names', async () => {
    const { code, stdout } = await cli.run(['item', broken.name]);
    expect(stdout).toMatch(/^Item \d+ \(.+\): stale since \d{4}-.* UTC, ITEM_ID_NOT_NUMERIC\n/);
    expect(stdout).toMatch(/^ {2}what to do +Fix the id in item\.json: it must consist of digits\.$/m);
    expect(code).toBe(0);
    const itemId = /^Item (\d+)/.exec(stdout)?.[1] ?? '';
    for (const name of [itemId, String(broken.id)]) {
      const { items } = FindItemsAnswer.parse(JSON.parse((await cli.run(['item', name, '--json'])).stdout));
      expect(items.map(({ itemBankId }) => itemBankId)).toEqual([broken.id]);
    }
  });

  it('item --sync synchronizes it, and exits with 1 if that fails', async () => {
    const failed = await cli.run(['item', broken.name, '--sync']);
    expect(failed.stdout).toContain(`Item bank id ${broken.id} (${broken.name}): failed, webhook present\n`);
    expect(failed.code).toBe(1);
    const unchanged = await cli.run(['item', withoutWebhook.name, '--sync', '--json']);
    expect(JSON.parse(unchanged.stdout)).toMatchObject({
      itemBankId: withoutWebhook.id,
      outcome: 'unchanged',
    });
    expect(unchanged.code).toBe(0);
  });

  it('item fails if the mirror has no such item', async () => {
    const { code, stdout, stderr } = await cli.run(['item', '999999999']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      'The mirror has no item 999999999. If its repository is new, add --sync to synchronize it now.\n',
    );
  });

  it('item --sync --by item-id synchronizes by the id that people know', async () => {
    const { stdout } = await cli.run(['item', withoutWebhook.name, '--json']);
    const { itemId } = JSON.parse(stdout).items[0].item;
    const answer = await cli.run(['item', itemId, '--by', 'item-id', '--sync', '--json']);
    expect(JSON.parse(answer.stdout)).toMatchObject({ itemBankId: withoutWebhook.id, outcome: 'unchanged' });
  });

  it('restart repeats what failed, and nothing else', async () => {
    await authorsOf(embedded).changeItem(broken.name, { id: '4711' });
    const { code, stdout, stderr } = await cli.run(['restart', '2', '--wait', '--json']);
    const run = ExecutionDetail.parse(JSON.parse(stdout));
    expect(run).toMatchObject({ restartOf: 2, total: 1, outcomes: { updated: 1 } });
    expect(stderr).toMatch(/^Job execution 3 was started/);
    expect(code).toBe(0);
    const again = await cli.run(['restart', '1']);
    expect(again.stderr).toMatch(
      /^Nothing was started: .* For a run of the whole bank, use item-sync start\.\n$/,
    );
    expect([again.code, again.stdout]).toEqual([1, '']);
  });

  it('smoke checks the deployment with a dry run', async () => {
    const { code, stdout } = await cli.run(['smoke', '--api', embedded.cloud.apiEndpoint], {
      env: credentials(embedded),
    });
    for (const name of [
      'no token',
      'invalid token',
      'wrong scope',
      'dry run',
      'end of the dry run',
      'history',
      'items',
    ]) {
      expect(stdout).toMatch(checkLine('ok', name));
    }
    expect(code).toBe(0);
  });

  it('smoke --json reports the scope check as unknown if a token is given', async () => {
    const { code, stdout } = await cli.run(['smoke', '--json', '--token-stdin'], {
      env: { ITEM_SYNC_API_URL: embedded.cloud.apiEndpoint },
      stdin: `${await embedded.token()}\n`,
    });
    const { checks } = JSON.parse(stdout);
    expect(checks).toContainEqual({
      name: 'wrong scope',
      result: 'unknown',
      detail: expect.any(String),
      advice: expect.any(String),
    });
    expect(code).toBe(0);
  });

  it('logs shows the lines of a run, of a level and above', async () => {
    const { code, stdout } = await cli.run(['logs', '--execution', '2', '--level', 'WARN']);
    expect(stdout).toMatch(/ WARN synchronize-batch +\[2\] .*ITEM_ID_NOT_NUMERIC/);
    expect(stdout).not.toMatch(/ INFO |\[1\]/);
    const json = await cli.run(['logs', '--execution', '2', '--json']);
    const lines = json.stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).jobExecutionId).every((id) => id === 2)).toBe(true);
    expect([code, json.code]).toEqual([0, 0]);
  });

  it('logs ends quietly when its reader exits', async () => {
    const child = cli.start(['logs', '--follow']);
    let stderr = '';
    child.stderr?.on('data', (chunk) => (stderr += chunk));
    child.stdout?.destroy();
    const [code] = await once(child, 'close');
    expect([code, stderr]).toEqual([130, '']);
  });

  it('logs --stage fails if the stage does not exist', async () => {
    const env = {
      AWS_ENDPOINT_URL: embedded.cloud.awsEndpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    };
    const { code, stdout, stderr } = await cli.run(['logs', '--stage', 'nowhere'], { env });
    expect(stderr).toBe(
      'There is no log group /item-sync/nowhere on AWS: check the stage, the region and the account.\n',
    );
    expect([code, stdout]).toEqual([1, '']);
    expect((await cli.run(['logs', '--stage', 'local', '--execution', '1'], { env })).stdout).toContain(
      '[1]',
    );
  });

  describe('while a run is working', () => {
    let release: () => void;

    beforeAll(async () => {
      release = embedded.hold();
      const { stdout } = await cli.run(['start', '--json']);
      expect(StartAnswer.parse(JSON.parse(stdout))).toMatchObject({ status: 'STARTING' });
    });
    afterAll(() => release?.());

    it('start exits with 4 and names that run', async () => {
      const { code, stdout, stderr } = await cli.run(['start']);
      expect(stderr).toMatch(
        /^Nothing was started, because job execution (\d+) is running\. Follow it: item-sync watch \1\n$/,
      );
      expect([code, stdout]).toEqual([4, '']);
    });

    it('watch says that the run is still running if it is interrupted', async () => {
      const child = cli.start(['watch', '--verbose']);
      let stderr = '';
      const asked = new Promise<void>((resolve) =>
        child.stderr?.on('data', (chunk) => {
          stderr += chunk;
          if (/executions\/\d+: 200/.test(stderr)) resolve();
        }),
      );
      await asked;
      child.kill('SIGINT');
      const [code] = await once(child, 'close');
      expect(stderr).toMatch(/^Job execution \d+ is still running\.$/m);
      expect(code).toBe(130);
    });

    it('stop ends it, and watch --exit-status then exits with 1', async () => {
      const { code, stdout } = await cli.run(['stop']);
      expect(stdout).toMatch(/Requested by item-sync-operator\.\n$/);
      expect(code).toBe(0);
      release();
      const watched = await cli.run(['watch', '--exit-status']);
      expect(watched.stdout).toMatch(/^Job execution \d+: STOPPED\n/);
      expect(watched.code).toBe(1);
    });

    it('abandon refuses a run that has ended', async () => {
      const { code, stdout, stderr } = await cli.run(['abandon', '1']);
      expect(stderr).toMatch(/^Nothing was changed: .*\.\n$/);
      expect([code, stdout]).toEqual([1, '']);
    });
  });

  it('an answer with 404 is reported in one sentence', async () => {
    const { code, stdout, stderr } = await cli.run(['status', '99']);
    expect(stderr).toBe('Not found: there is no job execution 99. item-sync runs lists the runs.\n');
    expect([code, stdout]).toEqual([1, '']);
  });

  it('a token that the API rejects, or without the scope, is reported in one sentence', async () => {
    const env = { ITEM_SYNC_API_URL: embedded.cloud.apiEndpoint };
    const expired = await cli.run(['status'], { env: { ...env, ITEM_SYNC_TOKEN: 'not-a-token' } });
    expect(expired).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('does not accept the token'),
    });
    const token = await embedded.token('item-sync/read');
    const reader = await cli.run(['start'], { env: { ...env, ITEM_SYNC_TOKEN: token } });
    expect(reader).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('The token lacks the scope'),
    });
    expect(`${expired.stderr}${reader.stderr}`).not.toMatch(new RegExp(`not-a-token|${token}`));
  });

  it('the password grant works, and a wrong password is reported but not shown', async () => {
    const { name, password } = IDENTITIES.user;
    const env = {
      ...credentials(embedded),
      ITEM_SYNC_API_URL: embedded.cloud.apiEndpoint,
      ITEM_SYNC_USERNAME: name,
    };
    expect((await cli.run(['runs'], { env: { ...env, ITEM_SYNC_PASSWORD: password } })).code).toBe(0);
    const wrong = await cli.run(['runs', '--verbose'], {
      env: { ...env, ITEM_SYNC_PASSWORD: 'wrong-password' },
    });
    expect(wrong.stderr).toContain('invalid_grant. Check the user name and the password.');
    expect(wrong.stderr).not.toMatch(/wrong-password|operator-client-secret/);
    expect([wrong.code, wrong.stdout]).toEqual([1, '']);
  });

  it('a command exits with 5 if the API cannot be reached', async () => {
    const env = { ITEM_SYNC_API_URL: 'http://127.0.0.1:9', ITEM_SYNC_TOKEN: 'token' };
    const { code, stderr } = await cli.run(['status'], { env });
    expect(stderr).toMatch(/^http:\/\/127\.0\.0\.1:9 cannot be reached \(.+\)\./);
    expect(code).toBe(5);
  });

  it('without a stack and without an address says how to connect', async () => {
    const { code, stderr } = await cli.run(['status'], { env: { LOCAL_STATE_FOLDER: '/nowhere/at/all' } });
    expect(stderr).toMatch(
      /^No stack is running on this machine\. Start a stack here with npm start, or name an API/,
    );
    expect(code).toBe(2);
  });

  it('writes no colours, neither to a pipe nor with NO_COLOR', async () => {
    for (const env of [{}, { NO_COLOR: '1' }]) {
      expect((await cli.run(['runs'], { env })).stdout).not.toContain('\u001b');
    }
  });

  it('logs --follow continues with new lines', async () => {
    const log = cli.start(['logs', '--follow']);
    await said(log, 'Item Synchronization Process starting');
    await cli.run(['start']);
    await said(log, 'Item Synchronization Process starting');
    log.kill('SIGINT');
    await once(log, 'close');
    expect(log.exitCode).toBe(130);
  });
});

/** As an operator of a deployed stage has them. */
const credentials = ({ identityProvider }: Embedded): Record<string, string> => ({
  ITEM_SYNC_TOKEN_URL: identityProvider.tokenUrl,
  ITEM_SYNC_CLIENT_ID: IDENTITIES.client.id,
  ITEM_SYNC_CLIENT_SECRET: IDENTITIES.client.secret,
});
