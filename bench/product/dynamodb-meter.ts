import { Agent, createServer, type IncomingHttpHeaders, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import * as z from 'zod';
import { listen } from '../../local/cloud/ports.ts';
import { closeServer, HOST } from '../../local/loopback-server.ts';

/** On-demand capacity. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html */
interface Units {
  read: number;
  write: number;
  requests: number;
}

/** A proxy in front of DynamoDB that adds up the units that each request consumed. */
export interface DynamoDbMeter {
  url: string;
  /** Since the last `reset`. */
  units: () => Units;
  reset: () => void;
  close: () => Promise<void>;
}

const NOTHING: Units = { read: 0, write: 0, requests: 0 };

/** Operations on rows, and whether they read or write. Other operations consume nothing. */
const METERED: Readonly<Record<string, 'read' | 'write'>> = {
  GetItem: 'read',
  BatchGetItem: 'read',
  Query: 'read',
  Scan: 'read',
  TransactGetItems: 'read',
  PutItem: 'write',
  UpdateItem: 'write',
  DeleteItem: 'write',
  BatchWriteItem: 'write',
  TransactWriteItems: 'write',
};

export async function startDynamoDbMeter(engineUrl: string): Promise<DynamoDbMeter> {
  const agent = new Agent({ keepAlive: true });
  const units = { ...NOTHING };
  const server = createServer(async (incoming, outgoing) => {
    const operation = String(incoming.headers['x-amz-target'] ?? '').split('.')[1] ?? '';
    const kind = METERED[operation];
    const body = await buffer(incoming);
    const answer = await forward(
      { engineUrl, agent, method: incoming.method ?? 'POST', headers: incoming.headers },
      kind === undefined ? body : asksForUnits(body),
    );
    if (kind !== undefined) {
      units.requests += 1;
      units[kind] += consumedUnits(answer.body);
    }
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  });
  const port = await listen(server, 0, 'aws');
  return {
    url: `http://${HOST}:${port}`,
    units: () => ({ ...units }),
    reset: () => void Object.assign(units, NOTHING),
    close: async () => {
      await closeServer(server);
      agent.destroy();
    },
  };
}

/** The request, with ReturnConsumedCapacity as its first member. */
function asksForUnits(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from('{"ReturnConsumedCapacity":"TOTAL",'), body.subarray(1)]);
}

interface Forwarded {
  engineUrl: string;
  agent: Agent;
  method: string;
  headers: IncomingHttpHeaders;
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

function forward({ engineUrl, agent, method, headers }: Forwarded, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const changed = { ...headers, 'content-length': String(body.length) };
    const forwarded = request(engineUrl, { agent, method, headers: changed }, async (answered) => {
      const { statusCode: status = 502, headers: received } = answered;
      resolve({ status, headers: received, body: await buffer(answered) });
    });
    forwarded.once('error', reject);
    forwarded.end(body);
  });
}

const Consumed = z.object({ CapacityUnits: z.number() });
const Metered = z.object({
  ConsumedCapacity: z.union([Consumed.transform((one) => [one]), z.array(Consumed)]),
});

/** A failed request counts as 0. DynamoDB also charges failed conditions, but they are rare in a run. */
function consumedUnits(body: Buffer): number {
  const parsed = Metered.safeParse(JSON.parse(body.toString('utf8')));
  if (!parsed.success) return 0;
  return parsed.data.ConsumedCapacity.reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
}
