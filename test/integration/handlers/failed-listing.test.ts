import { describe, expect, it } from 'vitest';
import {
  type Bank,
  connect,
  connectWithoutRetries,
  HTML,
  ORGANIZATION,
  ROUTES,
  startBank,
} from '../../support/bank.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, type Run } from '../../support/run.ts';

const newTable = useDynamoDb();
const EACH_PAGE = { method: 'GET', pathPrefix: `/orgs/${ORGANIZATION}/repos`, times: Infinity } as const;

/** Ends with the id by which GitHub's support can find the request. */
const WITH_REQUEST_ID = / \(GitHub request id [^)]+\)$/;

describe('listing the bank fails', () => {
  it('when GitHub rejects the token', async () => {
    const bank = await startBank();
    const github = connect(bank.site, 'a-bad-token');
    const access = async () => ({ github, webhookSecret: '' });
    const run = await beginRun({ newTable, bank, overrides: { connect: access } });
    const failure = await run.list().catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: 'GitHubCredentialsRejected',
      retry: 'never',
      message: expect.stringMatching(WITH_REQUEST_ID),
    });
    expect(String(failure)).not.toContain('a-bad-token');
  });

  it('when the token does not see the organization', async () => {
    const bank = await startBank();
    const run = await beginRun({
      newTable,
      bank,
      overrides: { organization: 'another-organization' },
    });
    await expect(run.list()).rejects.toMatchObject({
      name: 'OrganizationNotFound',
      message: expect.stringMatching(WITH_REQUEST_ID),
    });
  });

  it('when the execution has lost the lock', async () => {
    const bank = await startBank();
    const run = await beginRun({ newTable, bank });
    run.event.executionArn = 'the-one-before';
    const rows = await allRows(run.dependencies.executionsTable);
    await expect(run.list()).rejects.toMatchObject({ name: 'ExecutionSuperseded' });
    expect(bank.requests(ROUTES.listing)).toBe(0);
    expect(await allRows(run.dependencies.executionsTable)).toEqual(rows);
  });
});

describe('a listing whose answer is undocumented', () => {
  const listWith = async (retryCount?: number) => {
    const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 });
    bank.site.fail({ ...EACH_PAGE, outcome: { status: 200, body: { repositories: [] } } });
    const github = connectWithoutRetries(bank.site);
    const access = async () => ({ github, webhookSecret: '' });
    const run = await beginRun({ newTable, bank, overrides: { connect: access } });
    if (retryCount !== undefined) run.event.retryCount = retryCount;
    await expect(run.list()).rejects.toMatchObject({ name: 'GitHubUnavailable' });
    return run.log.lines.filter(({ level }) => level === 'WARN').map(({ message }) => message);
  };

  it.each([
    [0, 'attempt 2 of 4 at 09:01'],
    [1, 'attempt 3 of 4 at 09:02'],
    [2, 'attempt 4 of 4 at 09:04'],
  ])('is announced again after %i retries of the state machine', async (retryCount, announcement) => {
    const reason = 'the answer is not what GitHub documents: .*';
    expect(await listWith(retryCount)).toEqual([expect.stringMatching(`^${reason}, ${announcement}$`)]);
  });

  it.each([[3], [undefined]])('is not announced again after %s retries', async (retryCount) => {
    expect(await listWith(retryCount)).toEqual([]);
  });
});

/** Begins a run whose client does not retry. */
function beginRunWithoutRetries(bank: Bank): Promise<Run> {
  const github = connectWithoutRetries(bank.site);
  const access = async () => ({ github, webhookSecret: '' });
  return beginRun({ newTable, bank, overrides: { connect: access } });
}

describe('a listing that GitHub does not answer', () => {
  it.for([
    ['connections are dropped', { connection: 'dropped-before-work' }],
    ['GitHub has a server error', { status: 502, body: '<html>Unicorn!</html>' }],
    ['a proxy answers in place of GitHub', HTML],
  ] as const)('is deferred, even if GitHub answers other requests: %s', async ([, outcome]) => {
    const bank = await startBank();
    bank.site.fail({ ...EACH_PAGE, outcome });
    const run = await beginRunWithoutRetries(bank);
    expect(await run.list()).toMatchObject({ deferred: true, resumeAt: '2026-11-23T09:00:30.000Z' });
    expect(run.log.messages().at(-1)).toMatch(
      /^waiting until 2026-11-23T09:00:30.000Z \(GitHub is down\): GET \/orgs\/item-bank\/repos: /,
    );
  });

  it('fails the run when the wait would end after the deadline', async () => {
    const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 });
    bank.site.fail({ ...EACH_PAGE, outcome: { status: 503, body: '<html>Unicorn!</html>' } });
    const run = await beginRunWithoutRetries(bank);
    run.event.deadline = '2026-11-23T09:00:30.000Z';
    await expect(run.list()).rejects.toMatchObject({
      name: 'GitHubUnavailable',
      message: expect.stringMatching(/^GitHub did not answer before the deadline: GET /),
      details: { githubRequestId: expect.any(String) },
    });
  });
});

describe('listing the bank fails with GitHubUnavailable', () => {
  it.for([
    ['the answer is JSON of another shape', { status: 200, body: { repositories: [] } }],
    ['a repository has no id', { status: 200, body: [{ name: 'item-1', node_id: 'R_1' }] }],
    [
      'a repository has an id above the largest safe integer',
      { status: 200, body: '[{"id":9007199254740993,"name":"item-1","node_id":"R_1"}]' },
    ],
  ] as const)('when %s', async ([, outcome]) => {
    const bank = await startBank();
    bank.site.fail({ ...EACH_PAGE, outcome });
    const run = await beginRunWithoutRetries(bank);
    await expect(run.list()).rejects.toMatchObject({
      name: 'GitHubUnavailable',
      retry: 'later',
      message: expect.stringMatching(WITH_REQUEST_ID),
      details: { githubRequestId: expect.any(String) },
    });
  });

  it.for([
    ['the answer has no count', { status: 200, body: { data: {} } }],
    [
      'GitHub gives up on the query',
      {
        status: 200,
        body: { errors: [{ message: 'Something went wrong while executing your query. Please try again.' }] },
      },
    ],
  ] as const)('when the repositories cannot be counted: %s', async ([, outcome]) => {
    const bank = await startBank();
    bank.site.fail({ method: 'POST', pathPrefix: '/graphql', times: Infinity, outcome });
    const run = await beginRunWithoutRetries(bank);
    await expect(run.list()).rejects.toMatchObject({
      name: 'GitHubUnavailable',
      message: expect.stringMatching(WITH_REQUEST_ID),
    });
  });
});
