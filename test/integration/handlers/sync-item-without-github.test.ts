import { describe, expect, it } from 'vitest';
import { connect, connectWithoutRetries, FORBIDDEN, HTML, ROUTES } from '../../support/bank.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { type ItemsApi, openItemsApi, STAGES, startBankOfOne } from './support.ts';

const newTable = useDynamoDb();

const bankOfOne = () => startBankOfOne(newTable);
const rowsOf = ({ itemsTable }: ItemsApi) => allRows(itemsTable);

describe('POST /sync/{itemBankId} answers 503 without GitHub', () => {
  it.each([
    ['which is down', { connection: 'dropped-before-work' }],
    ['for which a proxy answers', HTML],
    ['whose place a proxy does not find', { ...HTML, status: 404 }],
    ['which has a fault', { status: 502, body: { message: 'Bad Gateway' } }],
  ] as const)('%s', async (_, outcome) => {
    const { bank, api, id } = await bankOfOne();
    bank.site.fail({ ...STAGES['the repository'], outcome });
    const connectOnce = async () => ({ github: connectWithoutRetries(bank.site), webhookSecret: '' });
    const { status, body } = await openItemsApi(bank, api.itemsTable, { connect: connectOnce }).sync(id);
    expect({ status, code: body['code'] }).toEqual({ status: 503, code: 'GITHUB_UNAVAILABLE' });
    expect(body).not.toHaveProperty('detail');
    expect(await rowsOf(api)).toEqual([]);
  });
});

describe('POST /sync/{itemBankId} answers in time when GitHub does not', () => {
  const IMPATIENT = { requestTimeoutMs: 150, retries: 1 };

  /** As the function has it whose time is told by the clock of this machine. */
  async function syncWithin(allTimeMs: number, hanging: readonly (keyof typeof STAGES)[]) {
    const { bank, api, id } = await bankOfOne();
    for (const stage of hanging) {
      bank.site.fail({ ...STAGES[stage], times: Infinity, outcome: { delayMs: Infinity } });
    }
    const github = connect(bank.site, undefined, IMPATIENT);
    const startedAt = performance.now();
    const remainingTimeMs = () => allTimeMs - (performance.now() - startedAt);
    const overrides = { connect: async () => ({ github, webhookSecret: '' }), remainingTimeMs };
    const answer = await openItemsApi(bank, api.itemsTable, overrides).sync(id);
    return { bank, answer, rows: await rowsOf(api) };
  }

  it('for the repository: 503', async () => {
    const { bank, answer } = await syncWithin(28_000, ['the repository']);
    expect(answer).toMatchObject({ status: 503, body: { code: 'GITHUB_UNAVAILABLE' } });
    expect(bank.requests(ROUTES.repositoryById)).toBe(2);
  });

  it('and the client would wait for longer than the caller can: 503', async () => {
    const { bank, api, id } = await bankOfOne();
    bank.site.fail({ ...STAGES['the repository'], outcome: { delayMs: Infinity } });
    // Of which one second is kept to tell it.
    const late = openItemsApi(bank, api.itemsTable, { remainingTimeMs: () => 1_200 });
    expect(await late.sync(id)).toMatchObject({ status: 503, body: { code: 'GITHUB_UNAVAILABLE' } });
    expect(await rowsOf(api)).toEqual([]);
  });

  it.each(['its head', 'the history of its item', 'item.json'] as const)(
    'for %s: 200, and the item has failed',
    async (stage) => {
      const { answer } = await syncWithin(28_000, [stage]);
      expect(answer).toMatchObject({ status: 200, body: { outcome: 'failed', reason: 'GITHUB_ERROR' } });
    },
  );

  it('for anything after the repository, once too little time is left to ask for more: 503', async () => {
    // The second attempt for the webhooks ends when less than 12 s are left.
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
