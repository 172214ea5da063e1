import { describe, expect, it } from 'vitest';
import { API_URL, type CliRequest, RUN, runCli } from '../../support/cli.ts';
import { createSigningKey, signToken } from '../../support/tokens.ts';

const key = createSigningKey('ES256', 'key-1');
const ISSUER = 'https://issuer.example.com';
const tokenWith = (claims: object) =>
  signToken(key, {
    iss: ISSUER,
    exp: Date.now() / 1_000 + 600,
    scope: 'item-sync/sync item-sync/read',
    ...claims,
  });
const ENV = { ITEM_SYNC_API_URL: API_URL, ITEM_SYNC_TOKEN: tokenWith({}) };
const GITHUB = { ...ENV, GITHUB_TOKEN: 'github-token', ITEM_SYNC_ORGANIZATION: 'items' };

type Answer = { status?: number; headers?: Record<string, string>; body?: unknown };

const HEALTHY: Record<string, Answer> = {
  [`GET ${ISSUER}/.well-known/openid-configuration`]: {
    body: { issuer: ISSUER, jwks_uri: `${ISSUER}/keys` },
  },
  [`GET ${ISSUER}/keys`]: { body: { keys: [key.jwk] } },
  [`GET ${API_URL}/executions`]: { body: { executions: [RUN] } },
  [`POST ${API_URL}/sync/0`]: { status: 400, body: { code: 'REQUEST_INVALID' } },
  'GET https://api.github.com/orgs/items/repos': { body: [{ name: 'item-1' }] },
  'GET https://api.github.com/repos/items/item-1/contents/item.json': { body: {} },
  'GET https://api.github.com/repos/items/item-1/hooks': {
    body: [{ active: true, config: { url: `${API_URL}/webhook` } }],
  },
};
const WITHOUT_TOKEN: Answer = { status: 401, headers: { date: new Date().toUTCString() } };

const answerer =
  (changes: Record<string, Answer>, withoutToken: Answer) =>
  ({ method, url, authorization }: CliRequest): Answer => {
    const name = `${method} ${url.origin}${url.pathname}`;
    if (name === `GET ${API_URL}/executions` && authorization === undefined) return withoutToken;
    return changes[name] ?? HEALTHY[name] ?? { status: 404 };
  };

interface Setup {
  env?: Record<string, string>;
  changes?: Record<string, Answer>;
  withoutToken?: Answer;
}

async function doctor({ env = ENV, changes = {}, withoutToken = WITHOUT_TOKEN }: Setup) {
  const end = await runCli(['doctor', '--json'], { env, answer: answerer(changes, withoutToken) });
  const checks: { name: string; result: string; detail: string; advice?: string }[] = JSON.parse(
    end.stdout,
  ).checks;
  return { ...end, checks, resultOf: (name: string) => checks.find((one) => one.name === name)?.result };
}

describe('doctor', () => {
  it('reports no failure for a healthy service, and what it could not check', async () => {
    const { exit, checks } = await doctor({});
    expect(checks.filter(({ result }) => result === 'failed')).toEqual([]);
    expect(checks.filter(({ result }) => result === 'unknown').map(({ name }) => name)).toEqual([
      'AWS resources',
      'GitHub',
    ]);
    expect(exit).toBe(0);
  });

  it('gives advice with every check that is not ok', async () => {
    const { checks } = await doctor({ changes: { [`GET ${ISSUER}/keys`]: { body: { keys: [] } } } });
    expect(checks.filter(({ result, advice }) => result !== 'ok' && !advice)).toEqual([]);
  });

  it('changes nothing', async () => {
    const { requests } = await doctor({ env: GITHUB });
    const writing = requests.filter(({ method }) => method !== 'GET');
    // No repository has the id 0, so the function refuses the request as soon as the token is accepted.
    expect(writing.map(({ url }) => url.pathname)).toEqual(['/sync/0']);
  });

  it.each<[string, string, string, Setup]>([
    ['no token', 'failed', 'an API that requires no token', { withoutToken: { status: 200 } }],
    ['no token', 'failed', 'an address that is not that of the API', { withoutToken: { status: 404 } }],
    ['clock', 'unknown', 'an answer without a time', { withoutToken: { status: 401 } }],
    [
      'clock',
      'failed',
      'a wrong clock',
      { withoutToken: { status: 401, headers: { date: 'Sat, 28 Nov 2020 09:00:00 GMT' } } },
    ],
    ['token', 'failed', 'missing credentials', { env: { ITEM_SYNC_API_URL: API_URL } }],
    ['claims', 'failed', 'an opaque token', { env: { ...ENV, ITEM_SYNC_TOKEN: 'opaque' } }],
    ['claims', 'failed', 'an expired token', { env: { ...ENV, ITEM_SYNC_TOKEN: tokenWith({ exp: 1 }) } }],
    [
      'key set',
      'failed',
      'a key set without the key',
      { changes: { [`GET ${ISSUER}/keys`]: { body: { keys: [] } } } },
    ],
    [
      'key set',
      'failed',
      'an answer that is not a key set',
      { changes: { [`GET ${ISSUER}/keys`]: { body: '<html>' } } },
    ],
    [
      'key set',
      'unknown',
      'an issuer without a discovery document',
      { changes: { [`GET ${ISSUER}/.well-known/openid-configuration`]: { status: 404 } } },
    ],
    [
      'key set',
      'unknown',
      'a token whose issuer is not an https address',
      { env: { ...ENV, ITEM_SYNC_TOKEN: tokenWith({ iss: 'http://issuer.example.com' }) } },
    ],
    [
      'scope to read',
      'failed',
      'a token that may not read',
      { changes: { [`GET ${API_URL}/executions`]: { status: 403 } } },
    ],
    [
      'scope to start runs',
      'failed',
      'a token that may not start',
      { changes: { [`POST ${API_URL}/sync/0`]: { status: 403 } } },
    ],
    [
      'last run',
      'failed',
      'a failed run',
      {
        changes: {
          [`GET ${API_URL}/executions`]: { body: { executions: [{ ...RUN, exitCode: 'FAILED' }] } },
        },
      },
    ],
    [
      'last run',
      'unknown',
      'no run',
      { changes: { [`GET ${API_URL}/executions`]: { body: { executions: [] } } } },
    ],
    [
      'GitHub',
      'failed',
      'a wrong credential',
      { env: GITHUB, changes: { 'GET https://api.github.com/orgs/items/repos': { status: 401 } } },
    ],
    [
      'GitHub',
      'failed',
      'an unknown organization',
      { env: GITHUB, changes: { 'GET https://api.github.com/orgs/items/repos': { status: 404 } } },
    ],
    [
      'GitHub',
      'unknown',
      'an organization without visible repositories',
      { env: GITHUB, changes: { 'GET https://api.github.com/orgs/items/repos': { body: [] } } },
    ],
    [
      'GitHub',
      'unknown',
      'an answer that is not from GitHub',
      { env: GITHUB, changes: { 'GET https://api.github.com/orgs/items/repos': { body: '<html>' } } },
    ],
    ['contents', 'ok', 'a file that can be read', { env: GITHUB }],
    [
      'contents',
      'unknown',
      'a missing or hidden file',
      {
        env: GITHUB,
        changes: { 'GET https://api.github.com/repos/items/item-1/contents/item.json': { status: 404 } },
      },
    ],
    [
      'contents',
      'failed',
      'a file that may not be read',
      {
        env: GITHUB,
        changes: { 'GET https://api.github.com/repos/items/item-1/contents/item.json': { status: 403 } },
      },
    ],
    [
      'webhooks',
      'failed',
      'webhooks that may not be read',
      { env: GITHUB, changes: { 'GET https://api.github.com/repos/items/item-1/hooks': { status: 404 } } },
    ],
    ['webhook URL', 'ok', 'a webhook to this API', { env: GITHUB }],
    [
      'webhook URL',
      'unknown',
      'no webhook to this API',
      { env: GITHUB, changes: { 'GET https://api.github.com/repos/items/item-1/hooks': { body: [] } } },
    ],
    [
      'webhook URL',
      'unknown',
      'webhooks that cannot be read',
      { env: GITHUB, changes: { 'GET https://api.github.com/repos/items/item-1/hooks': { body: [null] } } },
    ],
  ])('%s: %s for %s', async (name, result, _, setup) => {
    const { exit, checks, resultOf } = await doctor(setup);
    expect(resultOf(name)).toBe(result);
    expect(exit).toBe(checks.some((one) => one.result === 'failed') ? 1 : 0);
  });

  it('shows neither the token nor the GitHub credential', async () => {
    const { stdout, stderr } = await doctor({ env: GITHUB });
    expect(`${stdout}${stderr}`).not.toMatch(/github-token|eyJ/);
  });

  it('sends the GitHub credential to GitHub only, and never unencrypted', async () => {
    const { requests } = await doctor({ env: GITHUB });
    const receivers = requests.filter(({ authorization }) => authorization?.includes('github-token'));
    expect(new Set(receivers.map(({ url }) => url.origin))).toEqual(new Set(['https://api.github.com']));
    const end = await runCli(['doctor'], {
      env: { ...GITHUB, GITHUB_API_URL: 'http://github.example.com' },
      answer: answerer({}, WITHOUT_TOKEN),
    });
    expect(end.stderr).toContain('GITHUB_API_URL must be an https URL');
    expect(end.exit).toBe(2);
  });
});

describe('smoke', () => {
  it('stops if a check fails that all others depend on', async () => {
    const { exit, stdout, requests } = await runCli(['smoke'], { answer: () => ({ status: 200 }) });
    expect(stdout).toMatch(
      /^failed +no token +https:\/\/api\.example\.com\/executions answers 200 instead of 401\n/,
    );
    expect([exit, requests.length]).toEqual([1, 1]);
  });

  it('fails if the dry run fails, and is unknown if another run is working', async () => {
    const started = { jobExecutionId: 3, status: 'STARTING', message: 'started', executionArn: 'arn' };
    const changes = {
      [`POST ${API_URL}/sync`]: { status: 202, body: started },
      [`GET ${API_URL}/executions/3`]: {
        body: { ...RUN, status: 'FAILED', exitCode: 'FAILED', exitMessage: 'no' },
      },
      [`GET ${API_URL}/executions/3/items`]: { body: { items: [] } },
      [`GET ${API_URL}/executions`]: { body: { executions: [{ ...RUN, dryRun: true }] } },
      [`GET ${API_URL}/items`]: { body: { items: [] } },
    };
    const smoke = (more: Record<string, Answer>) =>
      runCli(['smoke'], {
        env: ENV,
        answer: (request) =>
          request.authorization === 'Bearer not-a-token'
            ? { status: 401 }
            : answerer({ ...changes, ...more }, WITHOUT_TOKEN)(request),
      });
    const failed = await smoke({});
    expect(failed.stdout).toMatch(/^failed +end of the dry run +FAILED: no\n/m);
    expect(failed.exit).toBe(1);
    const busy = await smoke({
      [`POST ${API_URL}/sync`]: { status: 409, body: { code: 'JOB_ALREADY_RUNNING' } },
    });
    expect(busy.stdout).toMatch(/^unknown +dry run +another run is working\n/m);
    expect(busy.exit).toBe(4);
  });
});
