import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { EventBridgeClient, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { ChangeEvent } from '../../functions/shared/contract/events.ts';
import { listen } from './http.ts';

export interface EventBus {
  readonly client: EventBridgeClient;
  readonly name: string;
  /** What was accepted, in its order. */
  readonly events: ChangeEvent[];
  /** The entries of each request, those that were refused with them. */
  readonly requests: PutEventsRequestEntry[][];
  /** How many of the next request's entries are refused, from the first on; then of the one after it. */
  refuse: (...counts: number[]) => void;
}

/** A real client before a small event bus, forgotten between the tests of a file. */
export function useEventBus(): EventBus {
  const events: ChangeEvent[] = [];
  const requests: PutEventsRequestEntry[][] = [];
  const refusals: number[] = [];
  const service = createService({ events, requests, refusals });
  const server = createServer((request, response) => void service(request, response));
  let client: EventBridgeClient | undefined;

  beforeAll(async () => {
    client = new EventBridgeClient({
      endpoint: await listen(server),
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      maxAttempts: 1,
    });
  });
  beforeEach(() => {
    events.length = 0;
    requests.length = 0;
    refusals.length = 0;
  });
  afterAll(() => {
    client?.destroy();
    server.closeAllConnections();
    server.close();
  });
  return {
    get client() {
      if (!client) throw new Error('there is no client before the tests begin');
      return client;
    },
    name: 'item-sync-test',
    events,
    requests,
    refuse: (...counts) => void refusals.push(...counts),
  };
}

interface Script extends Pick<EventBus, 'events' | 'requests'> {
  refusals: number[];
}

function createService({ events, requests, refusals }: Script) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { Entries } = (await json(request)) as { Entries: PutEventsRequestEntry[] };
    requests.push(Entries);
    const refused = refusals.shift() ?? 0;
    events.push(...Entries.slice(refused).map(eventOf));
    const results = Entries.map((_, index) =>
      index < refused
        ? { ErrorCode: 'ThrottlingException', ErrorMessage: 'too many' }
        : { EventId: randomUUID() },
    );
    response
      .writeHead(200, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify({ FailedEntryCount: refused, Entries: results }));
  };
}

const eventOf = ({ DetailType, Detail = '' }: PutEventsRequestEntry): ChangeEvent =>
  ({ type: DetailType, detail: JSON.parse(Detail) }) as ChangeEvent;
