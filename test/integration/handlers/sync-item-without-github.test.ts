import { describe, expect, it } from 'vitest';
import { connect, connectWithoutRetries, FORBIDDEN, HTML, ROUTES } from '../../support/bank.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { type ItemsApi, openItemsApi, STAGES, startBankOfOne } from './support.ts';

const newTable = useDynamoDb();

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
    const { status, body } = await openItemsApi(bank, api.itemsTable, { connect: connectOnce }).sync(id);
    expect({ status, code: body['code'] }).toEqual({ status: 503, code: 'GITHUB_UNAVAILABLE' });
    expect(body).not.toHaveProperty('detail');
    expect(await rowsOf(api)).toEqual([]);
  });
});

describe('POST /sync/{itemBankId} answers in time', () => {
  const SHORT_TIMEOUTS = { requestTimeoutMs: 150, retries: 1 };

  /** Measures the remaining time with the real clock, as Lambda does. */
  async function syncWithin(allTimeMs: number, hanging: readonly (keyof typeof STAGES)[]) {
    const { bank, api, id } = await bankOfOne();
    for (const stage of hanging) {
      bank.site.fail({ ...STAGES[stage], times: Infinity, outcome: { delayMs: Infinity } });
    }
    const github = connect(bank.site, undefined, SHORT_TIMEOUTS);
    const startedAt = performance.now();
    const remainingTimeMs = () => allTimeMs - (performance.now() - startedAt);
    const overrides = { connect: async () => ({ github, webhookSecret: '' }), remainingTimeMs };
    const answer = await openItemsApi(bank, api.itemsTable, overrides).sync(id);
    return { bank, answer, rows: await rowsOf(api) };
  }

  it('with 503 when GitHub does not answer for the repository', async () => {
    const { bank, answer } = await syncWithin(28_000, ['the repository']);
    expect(answer).toMatchObject({ status: 503, body: { code: 'GITHUB_UNAVAILABLE' } });
    expect(bank.requests(ROUTES.repositoryById)).toBe(2);
  });

  it('with 503 when the client would wait longer than the caller', async () => {
    const { bank, api, id } = await bankOfOne();
    bank.site.fail({ ...STAGES['the repository'], outcome: { delayMs: Infinity } });
    // One second of this is reserved for the answer.
    const late = openItemsApi(bank, api.itemsTable, { remainingTimeMs: () => 1_200 });
    expect(await late.sync(id)).toMatchObject({ status: 503, body: { code: 'GITHUB_UNAVAILABLE' } });
    expect(await rowsOf(api)).toEqual([]);
  });

  it.each(['its head', 'the history of its item', 'item.json'] as const)(
    'with 200 and a failed item when GitHub does not answer for %s',
    async (stage) => {
      const { answer } = await syncWithin(28_000, [stage]);
      expect(answer).toMatchObject({ status: 200, body: { outcome: 'failed', reason: 'GITHUB_ERROR' } });
    },
  );

  it('with 503 when too little time is left for the requests after the repository', async () => {
    // Less than 12 s are left when the second attempt to read the webhooks ends.
    const { answer, rows } = await syncWithin(12_500, ['its webhooks', 'the history of its item']);
    expect(answer).toMatchObject({ status: 503, body: { code: 'GITHUB_UNAVAILABLE' } });
    expect(rows).toEqual([]);
  });
});

it('POST /sync/{itemBankId} answers 502 when GitHub refuses the repository', async () => {
  const { bank, api, id } = await bankOfOne();
  bank.site.fail({ ...STAGES['the repository'], outcome: FORBIDDEN });
  const { status, body } = await api.sync(id);
  expect({ status, code: body['code'] }).toEqual({ status: 502, code: 'GITHUB_REFUSED' });
  expect(body).toMatchObject({ githubRequestId: expect.any(String) });
  expect(body).not.toHaveProperty('detail');
  expect(await rowsOf(api)).toEqual([]);
});
