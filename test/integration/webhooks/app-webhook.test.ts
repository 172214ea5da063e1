import { describe, expect, it } from 'vitest';
import { readExecution } from '../../../functions/executions/job-execution.ts';
import { createGitHub } from '../../../functions/github/github.ts';
import type { HookConfig } from '../../../local/github/bank/entities.ts';
import { ORGANIZATION, PROJECT_WEBHOOK_URL, startBank, WEBHOOK_SECRET } from '../../support/bank.ts';
import { createClock, withoutPause } from '../../support/clock.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { nightlyRuns, type RunSetup } from '../../support/run.ts';
import { createApp } from '../github/support.ts';

const newTable = useDynamoDb();
const CONFIG = 'GET /app/hook/config';
const RIGHT = {
  url: PROJECT_WEBHOOK_URL,
  content_type: 'json',
  insecure_ssl: '0',
  secret: 'another',
} as const;

/** A bank with an App whose webhook has this configuration, or that has none, and its nightly runs. */
async function appBank(config?: Partial<HookConfig>, setup: Partial<RunSetup> = {}) {
  const clock = createClock();
  const { app, installed } = createApp();
  const webhook = config && { webhook: { config: { ...RIGHT, ...config }, events: ['push', 'repository'] } };
  const bank = await startBank({
    repositories: 2,
    withoutProjectWebhook: 2,
    app: { ...installed, ...webhook },
    // The App signs with the real time.
    now: () => new Date(),
  });
  const github = createGitHub({ apiUrl: bank.site.url, app, pause: withoutPause, clock });
  const connect = async () => ({ github, webhookSecret: WEBHOOK_SECRET });
  const overrides = { webhookScope: 'app', connect, ...setup.overrides } as const;
  const nextRun = nightlyRuns({ newTable, bank, clock, ...setup, overrides });
  const read = async () => {
    const headers = { authorization: (await github.appAuthorization?.()) ?? '' };
    return (await github.request(CONFIG, { headers })).data;
  };
  return { bank, nextRun, read, github };
}

describe('a run with the webhook of the App', () => {
  it('finds it in order by one request, and checks no webhook of a repository', async () => {
    const { bank, nextRun } = await appBank({});
    const run = await nextRun();
    expect(run.exit).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: expect.stringMatching(/requiring project webhook: 0, .* failed: 0, App webhook: present$/),
    });
    const requests = [...bank.site.traffic.requests].filter(([route]) => route.includes('hook'));
    expect(Object.fromEntries(requests)).toEqual({ [CONFIG]: 1, 'GET /app/hook/deliveries': 1 });
    expect(run.log.messages()).toContain(`App webhook of ${ORGANIZATION}: present`);
    const record = await readExecution(run.dependencies.executionsTable, run.event.jobExecutionId);
    expect(record?.counts).toMatchObject({ webhooks: { present: 1, unchecked: 0 } });
  });

  it('repairs what differs', async () => {
    const { nextRun, read } = await appBank({ content_type: 'form' });
    expect((await nextRun()).exit.exitMessage).toMatch(/App webhook: repaired$/);
    expect(await read()).toMatchObject({ url: PROJECT_WEBHOOK_URL, content_type: 'json', insecure_ssl: '0' });
    expect((await nextRun()).exit.exitMessage).toMatch(/App webhook: present$/);
  });

  it('gives it the new secret when the secret is replaced', async () => {
    const { nextRun, github } = await appBank({});
    await nextRun();
    const connect = async () => ({ github, webhookSecret: 'the-new-secret', isSecretRotating: true });
    const overrides = { webhookScope: 'app', connect } as const;
    expect((await nextRun({ overrides })).exit.exitMessage).toMatch(
      /App webhook: repaired, all project webhooks have the new secret$/,
    );
    expect((await nextRun({ overrides })).exit.exitMessage).toMatch(
      /App webhook: present, all project webhooks have the new secret$/,
    );
  });

  it('leaves it as it is if it points to another service', async () => {
    const { nextRun, read } = await appBank({ url: 'https://elsewhere.example.org/webhook' });
    expect((await nextRun()).exit).toMatchObject({
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage: expect.stringContaining(
        'App webhook failed: HOOK_REFUSED: the webhook of the App points to elsewhere.example.org',
      ),
    });
    expect(await read()).toMatchObject({ url: 'https://elsewhere.example.org/webhook' });
  });

  it('says what to do if the App has none, and if the credentials are those of a user', async () => {
    const without = await appBank();
    expect((await without.nextRun()).exit.exitMessage).toMatch(
      /App webhook failed: FORBIDDEN: .*404.*: the webhook must be active in the settings of the App, /,
    );
    const { bank } = without;
    const connect = async () => ({ github: bank.github, webhookSecret: WEBHOOK_SECRET });
    const byUser = await appBank({}, { overrides: { connect } });
    const { exit } = await byUser.nextRun({ bank, overrides: { webhookScope: 'app', connect } });
    expect(exit.exitMessage).toMatch(
      /App webhook failed: FORBIDDEN: webhookScope is app, but the GitHub secret holds a token instead of an App, /,
    );
  });
});
