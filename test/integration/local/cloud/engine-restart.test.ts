import { once } from 'node:events';
import { mkdirSync, renameSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Cloud } from '../../../../local/cloud/cloud.ts';
import { startDynamoDbEngine } from '../../../../local/cloud/dynamodb-engine.ts';
import { createEngineClient } from '../../../../local/cloud/engine-client.ts';
import { startEngineRelay } from '../../../../local/cloud/engine-relay.ts';
import { superviseEngine } from '../../../../local/cloud/engine-supervisor.ts';
import { freePort } from '../../../../local/cloud/ports.ts';
import { temporaryFolder } from '../../../support/cloud/assembly.ts';
import { AWS, clouds } from '../../../support/cloud/clouds.ts';
import { eventually } from '../../../support/eventually.ts';
import { enginesOf, listeningAddressesOf } from '../../../support/processes.ts';
import { database, fixture, table } from './cloud-support.ts';

const start = clouds();

const put = (client: DynamoDBClient, number: number) =>
  client.send(
    new PutItemCommand({ TableName: 'rows', Item: { pk: { S: 'all' }, sk: { S: String(number) } } }),
  );

async function storedIn(client: DynamoDBClient): Promise<number[]> {
  const { Items = [] } = await client.send(new ScanCommand({ TableName: 'rows', ConsistentRead: true }));
  return Items.map(({ sk }) => Number(sk?.S)).sort((a, b) => a - b);
}

/** Kills the engine of the only cloud in this process as the kernel would, without any warning. */
function killEngine(): void {
  const engines = enginesOf(process.pid);
  expect(engines).toHaveLength(1);
  process.kill(Number(engines[0]), 'SIGKILL');
}

const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);

/** Kills the engine while it is writing. */
async function expectNothingLost(client: DynamoDBClient): Promise<void> {
  const puts = upTo(200).map((number) => put(client, number));
  await puts[0];
  killEngine();
  await Promise.all(puts);
  expect(await storedIn(client)).toEqual(upTo(200));
}

describe('an engine that is killed', () => {
  async function startWithRows(): Promise<{ cloud: Cloud; lines: string[]; client: DynamoDBClient }> {
    const lines: string[] = [];
    const cloud = await start(fixture({ Rows: table('rows') }), { warn: (line) => lines.push(line) });
    return { cloud, lines, client: database(cloud) };
  }

  it('is restarted with everything that was acknowledged, and one line says so', async () => {
    const { client, lines } = await startWithRows();
    for (const number of upTo(50)) await put(client, number);
    killEngine();
    expect(await storedIn(client)).toEqual(upTo(50));
    expect(await eventually(() => lines[0])).toBe(
      'The DynamoDB engine ended with SIGKILL and was restarted. Its data is kept.',
    );
    expect(lines).toHaveLength(1);
  });

  it('fails no request of a client that retries', async () => {
    const { client } = await startWithRows();
    await expectNothingLost(client);
  });

  it('gets another address, which is not that of the other servers', async () => {
    const { client } = await startWithRows();
    const hostsOfEngines = () =>
      enginesOf(process.pid)
        .flatMap(listeningAddressesOf)
        .map((address) => address.split(':')[0]);
    const before = hostsOfEngines();
    killEngine();
    await storedIn(client);
    const hosts = [...before, ...hostsOfEngines(), '127.0.0.1'];
    expect(new Set(hosts).size).toBe(3);
  });

  it('ends the cloud with one sentence if it cannot be restarted', async () => {
    const stateFolder = await temporaryFolder();
    const failed = Promise.withResolvers<Error>();
    const lines: string[] = [];
    const cloud = await start(fixture({ Rows: table('rows') }), {
      stateFolder,
      warn: (line) => lines.push(line),
      fail: failed.resolve,
    });
    const file = join(stateFolder, 'dynamodb.sqlite');
    renameSync(file, `${file}.away`);
    mkdirSync(file);
    killEngine();
    expect(await failed.promise).toMatchObject({
      code: 'EngineLost',
      message: expect.stringMatching(
        /^The DynamoDB engine ended with SIGKILL and could not be restarted: [^\n]+\.$/,
      ),
    });
    await expect(put(database(cloud), 1)).rejects.toMatchObject({ name: 'ServiceUnavailable' });
  });
});

describe('the relay to an engine', () => {
  async function startRelayedEngine() {
    const stateFolder = await temporaryFolder();
    const engine = await superviseEngine({
      start: () => startDynamoDbEngine(stateFolder),
      report: () => {},
      fail: () => {},
    });
    onTestFinished(engine.close);
    const relay = await startEngineRelay(engine);
    onTestFinished(relay.close);
    const client = new DynamoDBClient({ ...AWS, endpoint: relay.url });
    const KeySchema = [
      { AttributeName: 'pk', KeyType: 'HASH' as const },
      { AttributeName: 'sk', KeyType: 'RANGE' as const },
    ];
    const AttributeDefinitions = KeySchema.map(({ AttributeName }) => ({
      AttributeName,
      AttributeType: 'S' as const,
    }));
    const definition = { TableName: 'rows', KeySchema, AttributeDefinitions };
    await client.send(new CreateTableCommand({ ...definition, BillingMode: 'PAY_PER_REQUEST' }));
    return { relay, client };
  }

  it('fails no request of a client that retries, although the engine is killed', async () => {
    const { client } = await startRelayedEngine();
    await expectNothingLost(client);
  });

  it('has an address of its own, and is closed with its connections', async () => {
    const { relay, client } = await startRelayedEngine();
    await put(client, 1);
    expect(enginesOf(process.pid).flatMap(listeningAddressesOf)).not.toContain(new URL(relay.url).host);
    await relay.close();
    await expect(fetch(relay.url)).rejects.toThrow();
  });

  it.each([
    ['that names its page', { origin: 'https://attacker.example' }],
    ['to a host name that points to this machine', { host: 'attacker.example' }],
  ])('refuses a request %s', async (_, headers) => {
    const { relay } = await startRelayedEngine();
    const sent = request(relay.url, { method: 'POST', headers });
    sent.end('{}');
    const [{ statusCode }] = (await once(sent, 'response')) as [IncomingMessage];
    expect(statusCode).toBe(403);
  });

  it('closes a connection if the engine is lost', async () => {
    const lost = await startEngineRelay({ url: () => Promise.reject(new Error('lost')) });
    onTestFinished(lost.close);
    await expect(fetch(lost.url, { method: 'POST' })).rejects.toThrow();
  });
});

describe('an engine that keeps ending', () => {
  it('is not restarted forever', async () => {
    const failed = Promise.withResolvers<Error>();
    let starts = 0;
    const engine = await superviseEngine({
      start: async () => {
        starts += 1;
        return { url: 'http://127.0.0.1:1', ended: Promise.resolve('SIGSEGV'), close: async () => {} };
      },
      report: () => {},
      fail: failed.resolve,
      restarts: { max: 3, windowMs: Number.POSITIVE_INFINITY },
    });
    expect(await failed.promise).toMatchObject({
      code: 'EngineLost',
      message: expect.stringContaining('ended 4 times'),
    });
    expect(starts).toBe(4);
    await engine.close();
  });
});

describe('a request to an engine that does not answer', () => {
  const sent = { method: 'POST', path: '/', headers: {}, body: Buffer.from('{}') };

  it('gets an error of DynamoDB that clients retry, and one line says so until it answers again', async () => {
    const lines: string[] = [];
    const url = async () => `http://127.0.0.1:${await freePort()}`;
    const client = createEngineClient({ engine: { url }, report: (line) => lines.push(line), waitMs: 1 });
    const unavailable = { type: 'ServiceUnavailable', status: 503 };
    await expect(client.send(sent)).rejects.toMatchObject(unavailable);
    await expect(client.send(sent)).rejects.toMatchObject(unavailable);
    expect(lines).toEqual(['The DynamoDB engine does not answer. Requests to it fail until it does.']);
    client.close();
  });
});
