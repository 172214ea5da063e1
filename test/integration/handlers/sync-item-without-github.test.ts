import type { Context } from 'aws-lambda';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { handler } from '../../../functions/handlers/sync-item.ts';
import { ENV } from '../../../functions/shared/contract/environment.ts';
import {
  connect,
  connectWithoutRetries,
  FORBIDDEN,
  HTML,
  ORGANIZATION,
  PROJECT_WEBHOOK_URL,
  ROUTES,
  TOKEN,
} from '../../support/bank.ts';
import { HOUR_MS } from '../../support/clock.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { useSecretsManager } from '../../support/secrets-manager.ts';
import { type ItemsApi, openItemsApi, STAGES, startBankOfOne } from './support.ts';

const newTable = useDynamoDb();
const secrets = useSecretsManager();

beforeAll(() => {
  const settings = {
    [ENV.itemsTable]: 'items',
    [ENV.changeEventBus]: 'changes',
    [ENV.githubOrganization]: ORGANIZATION,
    [ENV.githubSecretId]: 'github',
    [ENV.githubLimits]: 'off',
    [ENV.webhookScope]: 'repository',
    [ENV.projectWebhookUrl]: PROJECT_WEBHOOK_URL,
    [ENV.dryRunOnly]: 'false',
  };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
});

const bankOfOne = () => startBankOfOne(newTable);
const rowsOf = ({ itemsTable }: ItemsApi) => allRows(itemsTable);

describe('POST /sync/{itemBankId} answers 503 and writes nothing', () => {
  it.each([
    ['GitHub is down', { connection: 'dropped-before-work' }],
    ['a proxy answers for GitHub', HTML],
    ['a proxy answers 404 for GitHub', { ...HTML, status: 404 }],
    ['GitHub has a server error', { status: 502, body: { message: 'Bad Gateway' } }],
  ] as const)('when %s', async (_, outcome) => {
    const { bank, api, id } = await bankOfOne();
    bank.site.fail({ ...STAGES['the repository'], outcome });
    const connectOnce = async () => ({ github: connectWithoutRetries(bank.site), webhookSecret: '' });
    const { status, body } = await openItemsApi(bank, api, { connect: connectOnce }).sync(id);
    expect({ status, code: body['code'] }).toEqual({ status: 503, code: 'GITHUB_UNAVAILABLE' });
    expect(body).not.toHaveProperty('detail');
    expect(await rowsOf(api)).toEqual([]);
  });
});

describe('POST /sync/{itemBankId} answers in time', () => {
  it('with 503 when GitHub does not answer for the repository', async () => {
    const { bank, sync } = await hangingAt(['the repository']);
    expect(await sync()).toMatchObject({ status: 503, body: { code: 'GITHUB_UNAVAILABLE' } });
    expect(bank.requests(ROUTES.repositoryById)).toBe(2);
  });

  it.each(['its head', 'the history of its item', 'item.json'] as const)(
    'with 200 and a failed item when GitHub does not answer for %s',
    async (stage) => {
      const { sync } = await hangingAt([stage]);
      const body = { outcome: 'failed', reason: 'GITHUB_ERROR' };
      expect(await sync()).toMatchObject({ status: 200, body });
    },
  );

  it('with 503 when too little time is left for the requests after the repository', async () => {
    const { bank, api, sync } = await hangingAt(['its webhooks', 'the history of its item']);
    const { requests } = bank.site.traffic;
    // Less than 12 s are left when the second attempt to read the webhooks ends.
    const remainingTimeMs = () => ((requests.get(ROUTES.listHooks) ?? 0) < 2 ? 28_000 : 11_999);
    expect(await sync(remainingTimeMs)).toMatchObject({ status: 503, body: { code: 'GITHUB_UNAVAILABLE' } });
    expect(await rowsOf(api)).toEqual([]);
  });

  it('with 503 one second before Lambda ends the invocation', async () => {
    const { bank, id } = await hangingAt(['the repository']);
    secrets.set('github', { githubToken: TOKEN, webhookSecret: 's' });
    const { name, client } = await newTable();
    const engine = await client.config.endpoint?.();
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', `http://${engine?.hostname}:${engine?.port}`);
    vi.stubEnv(ENV.jobExecutionsTable, name);
    vi.stubEnv(ENV.githubApiUrl, bank.site.url);
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    onTestFinished(() => void vi.restoreAllMocks());
    const event = { pathParameters: { itemBankId: String(id) }, requestContext: { requestId: 'request-1' } };
    const context = { getRemainingTimeInMillis: () => 1_001 } as Context;
    const { statusCode, body } = await handler(event, context);
    expect(statusCode).toBe(503);
    expect(JSON.parse(body ?? '')).toMatchObject({ code: 'GITHUB_UNAVAILABLE' });
  });
});

type Stage = keyof typeof STAGES;

/** A bank of one item whose GitHub never answers requests of these stages. Only they time out, and at once. */
async function hangingAt(stages: readonly Stage[]) {
  const { bank, api, id } = await bankOfOne();
  for (const stage of stages) {
    bank.site.fail({ ...STAGES[stage], times: Infinity, outcome: { delayMs: Infinity } });
  }
  const github = connect(bank.site, undefined, { retries: 1 });
  github.hook.before('request', (options) => {
    const timeoutOf = (url: string, init: RequestInit): number =>
      stages.some((stage) => isRequestOf(stage, url, init)) ? 50 : HOUR_MS;
    options.request = {
      ...options.request,
      fetch: (url: string, init: RequestInit) =>
        fetch(url, { ...init, signal: AbortSignal.timeout(timeoutOf(url, init)) }),
    };
  });
  const sync = (remainingTimeMs = () => 28_000) => {
    const overrides = { connect: async () => ({ github, webhookSecret: '' }), remainingTimeMs };
    return openItemsApi(bank, api, overrides).sync(id);
  };
  return { bank, api, id, sync };
}

function isRequestOf(stage: Stage, url: string, { method, body }: RequestInit): boolean {
  const { pathPrefix, ...expected }: (typeof STAGES)[Stage] & { bodyIncludes?: string } = STAGES[stage];
  const isBody = String(body ?? '').includes(expected.bodyIncludes ?? '');
  return method === expected.method && new URL(url).pathname.startsWith(pathPrefix) && isBody;
}

it('POST /sync/{itemBankId} answers 502 when GitHub refuses the repository', async () => {
  const { bank, api, id } = await bankOfOne();
  bank.site.fail({ ...STAGES['the repository'], outcome: FORBIDDEN });
  const { status, body } = await api.sync(id);
  expect({ status, code: body['code'] }).toEqual({ status: 502, code: 'GITHUB_REFUSED' });
  expect(body).toMatchObject({ githubRequestId: expect.any(String) });
  expect(body).not.toHaveProperty('detail');
  expect(await rowsOf(api)).toEqual([]);
});
