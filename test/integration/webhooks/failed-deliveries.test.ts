import { describe, expect, it } from 'vitest';
import { ORGANIZATION, startBank } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { nightlyRuns } from '../../support/run.ts';

const newTable = useDynamoDb();

const delivery = (id: number, changes: object = {}) => ({
  id,
  guid: `event-${id}`,
  delivered_at: '2026-11-24T08:00:00Z',
  redelivery: false,
  duration: 0.1,
  status: 'Service Unavailable',
  status_code: 503,
  event: 'push',
  action: null,
  installation_id: null,
  repository_id: 7,
  throttled_at: null,
  ...changes,
});

/** The second night of a bank with a webhook of the organization, for which GitHub lists these deliveries. */
async function secondNight(deliveries: unknown, redeliverFailedDeliveries = false) {
  const bank = await startBank({ repositories: 1, withoutProjectWebhook: 1 });
  const overrides = { webhookScope: 'organization', redeliverFailedDeliveries } as const;
  const nextRun = nightlyRuns({ newTable, bank, overrides });
  await nextRun();
  const asked: string[] = [];
  bank.github.hook.wrap('request', async (request, options) => {
    if (!options.url.endsWith('/attempts')) return request(options);
    asked.push(String(options['delivery_id']));
    return { status: 202, headers: {}, url: '', data: {} } as never;
  });
  bank.site.fail({
    method: 'GET',
    pathPrefix: `/orgs/${ORGANIZATION}/hooks/`,
    outcome: { status: 200, body: deliveries as object },
  });
  return { run: await nextRun(), asked, bank };
}

const FAILED = /deliveries of GitHub/;

describe('failed deliveries of the last day', () => {
  it('are logged at the start of a run, each event once', async () => {
    const { run, asked } = await secondNight([
      delivery(1),
      delivery(2, { guid: 'event-1' }),
      delivery(3, { status_code: 0, status: 'failed to connect to host', event: 'repository' }),
      delivery(4, { status_code: 202, status: 'OK' }),
      delivery(5, { delivered_at: '2026-11-23T08:59:59Z' }),
    ]);
    const [line] = run.log.lines.filter(({ message }) => FAILED.test(message));
    expect(line).toMatchObject({
      level: 'WARN',
      message: '2 deliveries of GitHub failed within the last day',
      attributes: {
        failedDeliveries: [
          { id: '1', guid: 'event-1', event: 'push', statusCode: 503, repositoryId: 7 },
          { id: '3', guid: 'event-3', event: 'repository', statusCode: 0 },
        ],
      },
    });
    expect(asked).toEqual([]);
    expect(run.exit.exitCode).toBe('COMPLETED');
  });

  it('are requested again if the setting says so, at most 100', async () => {
    const { run, asked } = await secondNight(
      Array.from({ length: 120 }, (_, index) => delivery(index + 1)),
      true,
    );
    expect(asked).toEqual(Array.from({ length: 100 }, (_, index) => String(index + 1)));
    expect(run.log.messages()).toContain('asked GitHub to deliver 100 of them again');
  });

  it('have ids above 2^53, which stay exact', async () => {
    const listed = JSON.stringify([delivery(1)]).replace('"id":1', '"id":9007199254740993');
    const { run, asked } = await secondNight(listed, true);
    expect(asked).toEqual(['9007199254740993']);
    expect(run.log.messages()).toContain('1 deliveries of GitHub failed within the last day');
  });

  it('are not requested again if they were before, or if another attempt has succeeded', async () => {
    const { run, asked } = await secondNight(
      [
        delivery(1, { guid: 'again', redelivery: true }),
        delivery(2, { guid: 'succeeded', redelivery: true, status_code: 202 }),
        delivery(3),
        delivery(4, { guid: 'succeeded' }),
        delivery(5, { guid: 'again' }),
      ],
      true,
    );
    expect(asked).toEqual(['3']);
    expect(run.log.messages()).toContain('3 deliveries of GitHub failed within the last day');
    expect(run.log.messages()).toContain('asked GitHub to deliver 1 of them again');
  });

  it('are not mentioned if there are none', async () => {
    const { run } = await secondNight([delivery(1, { status_code: 202 })], true);
    expect(run.log.messages().filter((message) => FAILED.test(message))).toEqual([]);
  });

  it('do not affect the run if they cannot be read', async () => {
    const { run } = await secondNight({ not: 'a list' });
    expect(run.exit.exitCode).toBe('COMPLETED');
    expect(run.log.messages().filter((message) => FAILED.test(message))).toEqual([]);
  });
});
