import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { sharedWaits } from '../../../functions/executions/github-waits.ts';
import { KEYS } from '../../../functions/executions/keys.ts';
import { getRow, type Table } from '../../../functions/shared/dynamodb.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';

const newTable = useDynamoDb();

const at = (time: string) => new Date(`2026-11-23T${time}.000Z`);
const NOW = at('09:00:00');

async function openWaits() {
  const table = await newTable();
  return { table, waits: sharedWaits(table) };
}

const putRow = ({ client, name }: Table, content: object) =>
  client.send(new PutCommand({ TableName: name, Item: { ...KEYS.githubWaits(), ...content } }));

describe('the waits that functions share', () => {
  it('are none at first', async () => {
    const { waits } = await openWaits();
    expect(await waits.read(NOW)).toEqual({});
  });

  it('are stored by their cause, beside each other, and expire', async () => {
    const { table, waits } = await openWaits();
    const [named, outage] = [
      { until: at('09:05:00'), count: 1 },
      { until: at('09:00:30'), count: 1 },
    ];
    await waits.extend('named', named, NOW);
    expect(await waits.extend('outage', outage, NOW)).toEqual({ named, outage });
    expect(await waits.read(NOW)).toEqual({ named, outage });
    expect(await getRow(table, KEYS.githubWaits())).toMatchObject({ expiresAt: expect.any(Number) });
  });

  it('that GitHub named become longer, and never shorter', async () => {
    const { waits } = await openWaits();
    const long = { until: at('09:05:00'), count: 1 };
    await waits.extend('named', { until: at('09:01:00'), count: 1 }, NOW);
    expect(await waits.extend('named', long, NOW)).toEqual({ named: long });
    expect(await waits.extend('named', { until: at('09:02:00'), count: 1 }, NOW)).toEqual({ named: long });
  });

  it('that grow are replaced when they have ended, and not before', async () => {
    const { waits } = await openWaits();
    const first = { until: at('09:00:30'), count: 1 };
    const other = { until: at('09:00:40'), count: 1 };
    const second = { until: at('09:01:30'), count: 2 };
    await waits.extend('outage', first, NOW);
    expect(await waits.extend('outage', other, at('09:00:10'))).toEqual({ outage: first });
    expect(await waits.extend('outage', second, at('09:00:30'))).toEqual({ outage: second });
  });
});

describe('a wait that makes no sense', () => {
  const good = { until: at('09:00:30'), count: 1 };

  it.each([
    ['it lasts for years', { until: '2036-11-23T09:00:00.000Z', count: 1 }],
    ['it lasts longer than any limit of GitHub', { until: '2026-11-23T10:01:01.000Z', count: 1 }],
    ['its time is not a time', { until: 'soon', count: 1 }],
    ['it has no time', { count: 1 }],
    ['it is a text', 'tomorrow'],
  ])('is not kept to: %s', async (_, outage) => {
    const { table, waits } = await openWaits();
    await putRow(table, { outage, limit: { ...good, until: good.until.toISOString() } });
    expect(await waits.read(NOW)).toEqual({ limit: good });
  });

  it.each([
    ['it lasts for years', { until: '2036-11-23T09:00:00.000Z', count: 1 }],
    ['it has no time', { count: 1 }],
  ])('is replaced: %s', async (_, outage) => {
    const { table, waits } = await openWaits();
    await putRow(table, { outage });
    expect(await waits.extend('outage', good, NOW)).toEqual({ outage: good });
  });

  it('is kept to if it lasts an hour by a clock that is slightly ahead', async () => {
    const { table, waits } = await openWaits();
    await putRow(table, { named: { until: '2026-11-23T10:00:59.000Z', count: 1 } });
    expect(await waits.read(NOW)).toEqual({ named: { until: at('10:00:59'), count: 1 } });
  });
});
