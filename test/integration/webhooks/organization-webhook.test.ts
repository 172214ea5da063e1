import { describe, expect, it } from 'vitest';
import { readExecution } from '../../../functions/executions/job-execution.ts';
import { readSharedWebhook } from '../../../functions/webhooks/webhook-rows.ts';
import {
  type Bank,
  FORBIDDEN,
  ORGANIZATION,
  PROJECT_WEBHOOK_URL,
  ROUTES,
  startBank,
} from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, nightlyRuns, type Run } from '../../support/run.ts';

const newTable = useDynamoDb();
const HOOKS = `/orgs/${ORGANIZATION}/hooks`;
const LIST = 'GET /orgs/{org}/hooks';
const CREATE = 'POST /orgs/{org}/hooks';
const REQUIRED = 'number of items requiring project webhook:';

/** A bank whose repositories have no webhooks, and its nightly runs with an organization webhook. */
async function organizationBank(): Promise<{ bank: Bank; nextRun: ReturnType<typeof nightlyRuns> }> {
  const bank = await startBank({ repositories: 3, withoutProjectWebhook: 3 });
  const nextRun = nightlyRuns({ newTable, bank });
  const overrides = { webhookScope: 'organization' } as const;
  return {
    bank,
    nextRun: (options) => nextRun({ ...options, overrides: { ...options?.overrides, ...overrides } }),
  };
}

const hooksOf = async ({ github }: Bank) => (await github.rest.orgs.listWebhooks({ org: ORGANIZATION })).data;
const recordOf = ({ dependencies, event }: Run) =>
  readSharedWebhook(dependencies.executionsTable, event.jobExecutionId);

describe('a run with an organization webhook', () => {
  it('creates that webhook and checks no repository webhooks', async () => {
    const { bank, nextRun } = await organizationBank();
    const run = await nextRun();
    expect(run.exit).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: expect.stringMatching(
        new RegExp(`${REQUIRED} 1, created: 3, .*, failed: 0, organization webhook: created$`),
      ),
    });
    expect(bank.requests(ROUTES.listHooks)).toBe(0);
    expect(await hooksOf(bank)).toMatchObject([
      {
        active: true,
        events: ['push', 'repository'],
        config: { url: PROJECT_WEBHOOK_URL, content_type: 'json', insecure_ssl: '0', secret: '********' },
      },
    ]);
    for (const item of await run.items()) {
      expect(item).toMatchObject({ outcome: 'created', webhookFound: 'unchecked' });
      expect(item).not.toHaveProperty('webhookFailure');
    }
    expect(await recordOf(run)).toMatchObject({ found: 'missing', left: 'created' });
    expect(run.log.messages()).toContain(`organization webhook of ${ORGANIZATION}: created`);
    const { executionsTable } = run.dependencies;
    const { forecast, requests } = (await readExecution(executionsTable, run.event.jobExecutionId)) ?? {};
    expect(forecast).toMatchObject({ webhookChecks: 1 });
    expect(requests?.reads).toBe(forecast?.requests.reads);
  });

  it('does not require the webhook that an earlier run created', async () => {
    const { bank, nextRun } = await organizationBank();
    await nextRun();
    bank.requests(CREATE);
    const run = await nextRun();
    expect(run.exit.exitMessage).toMatch(new RegExp(`${REQUIRED} 0, .*organization webhook: present$`));
    expect(bank.requests(CREATE)).toBe(0);
    const { executionsTable } = run.dependencies;
    expect(await readExecution(executionsTable, run.event.jobExecutionId)).toMatchObject({
      counts: { requiringProjectWebhook: 0, webhooksDiffering: 0, webhooksNotChecked: 0 },
    });
  });

  it('repairs a webhook with other events or with a former secret', async () => {
    const { bank, nextRun } = await organizationBank();
    await nextRun();
    const [hook] = await hooksOf(bank);
    const hookParameters = { org: ORGANIZATION, hook_id: hook?.id ?? 0 };
    await bank.github.rest.orgs.updateWebhook({ ...hookParameters, events: ['push'] });
    const run = await nextRun();
    expect(run.exit).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: expect.stringMatching(new RegExp(`${REQUIRED} 0, .*organization webhook: repaired$`)),
    });
    expect(await hooksOf(bank)).toMatchObject([{ id: hook?.id, events: ['push', 'repository'] }]);
    const { github } = bank;
    const rotated = { connect: async () => ({ github, webhookSecret: 'the next secret' }) };
    expect(await recordOf(await nextRun({ overrides: rotated }))).toMatchObject({
      differs: ['secret'],
      left: 'repaired',
    });
  });

  it('only reports a missing webhook if it is a dry run', async () => {
    const { bank, nextRun } = await organizationBank();
    const run = await nextRun({ options: { dryRun: true } });
    expect(run.exit).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: expect.stringContaining(`${REQUIRED} 1`),
    });
    expect(run.exit.exitMessage).toMatch(/organization webhook: missing, dry run: nothing was written$/);
    expect(await hooksOf(bank)).toEqual([]);
  });
});

describe('a token without permission for the organization webhook', () => {
  const MISSING_PERMISSION =
    /FORBIDDEN: \w+ \/orgs\/item-bank\/hooks: 40[34] .*: a token needs admin:org_hook/;
  const notFound = { status: 404, body: { message: 'Not Found' } };

  it.each([
    ['reading fails with 404', 'GET', notFound, `${REQUIRED} 0`, 'project webhooks not checked: 1'],
    ['reading fails with 403', 'GET', FORBIDDEN, `${REQUIRED} 0`, 'project webhooks not checked: 1'],
    ['writing fails with 403', 'POST', FORBIDDEN, `${REQUIRED} 1`, 'project webhooks not created: 1'],
  ] as const)(
    'is reported in the log and the exit message, and fails no item: %s',
    async (_, method, outcome, required, failure) => {
      const { bank, nextRun } = await organizationBank();
      bank.site.fail({ method, pathPrefix: HOOKS, outcome });
      const run = await nextRun();
      expect(run.exit).toMatchObject({
        exitCode: 'COMPLETED_WITH_FAILURES',
        exitMessage: expect.stringMatching(MISSING_PERMISSION),
      });
      for (const part of [required, failure, 'created: 3', 'failed: 0', 'organization webhook: forbidden']) {
        expect(run.exit.exitMessage).toContain(part);
      }
      const warnings = run.log.lines.filter(({ level }) => level === 'WARN');
      expect(warnings).toMatchObject([{ message: expect.stringMatching(MISSING_PERMISSION) }]);
    },
  );
});

describe('a rate limit on requests for the organization webhook', () => {
  const limited = { status: 429, headers: { 'retry-after': '60' }, body: { message: 'Too many requests' } };

  it('defers the write, which is then done without another check', async () => {
    const { bank, nextRun } = await organizationBank();
    const { dependencies, clock } = await nextRun();
    const [hook] = await hooksOf(bank);
    await bank.github.rest.orgs.deleteWebhook({ org: ORGANIZATION, hook_id: hook?.id ?? 0 });
    const overrides = { webhookScope: 'organization' } as const;
    const run = await beginRun({ newTable, bank, tables: dependencies, clock, overrides });
    await run.list();
    await run.batches();
    bank.site.fail({ method: 'POST', pathPrefix: HOOKS, outcome: limited });
    bank.requests(LIST);
    const { resumeAt } = await run.createWebhooks();
    run.clock.set(resumeAt);
    expect(await run.createWebhooks()).toMatchObject({ deferred: false });
    expect(bank.requests(LIST)).toBe(1);
    expect(await recordOf(run)).toMatchObject({ found: 'missing', left: 'created' });
    expect(await run.createWebhooks()).toMatchObject({ deferred: false });
    expect(bank.requests(LIST)).toBe(0);
  });

  it('leaves the webhook missing if it would defer the write beyond the deadline', async () => {
    const { bank, nextRun } = await organizationBank();
    const headers = { 'retry-after': String(7 * 3_600) };
    bank.site.fail({ method: 'POST', pathPrefix: HOOKS, outcome: { ...limited, headers } });
    const run = await nextRun();
    expect(await recordOf(run)).toMatchObject({ found: 'missing', left: 'missing' });
    expect(run.exit).toMatchObject({
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage: expect.stringMatching(new RegExp(`${REQUIRED} 1, .*project webhooks not created: 1$`)),
    });
  });

  it('leaves the webhook unchecked if it would defer the check beyond the deadline', async () => {
    const { bank, nextRun } = await organizationBank();
    bank.site.fail({
      method: 'GET',
      pathPrefix: HOOKS,
      outcome: { ...limited, headers: { 'retry-after': String(7 * 3_600) } },
    });
    const run = await nextRun();
    expect(run.exit).toMatchObject({
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage: expect.stringMatching(
        /organization webhook failed: DEADLINE: .*, project webhooks not checked: 1$/,
      ),
    });
  });
});
