import { randomUUID } from 'node:crypto';
import { EventBridgeClient, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { onTestFinished } from 'vitest';
import type { ChangeEvent } from '../../functions/shared/contract/events.ts';

export interface EventBus {
  readonly client: EventBridgeClient;
  readonly name: string;
  /** The accepted events, in their order. */
  readonly events: ChangeEvent[];
  /** The entries of each request, including rejected ones. */
  readonly requests: PutEventsRequestEntry[][];
  /** The time of each request, epoch milliseconds. */
  readonly requestedAt: number[];
  /** How many entries of the next request are rejected, from the first on; then of the request after it, and so on. */
  reject: (...counts: number[]) => void;
}

/**
 * The SDK's client with an event bus in place of its HTTP handler. It needs no timers, so that a test with fake timers
 * controls all waits.
 */
export function createEventBus(): EventBus {
  const events: ChangeEvent[] = [];
  const requests: PutEventsRequestEntry[][] = [];
  const requestedAt: number[] = [];
  const rejections: number[] = [];
  const handle = async ({ body }: { body?: Uint8Array }) => {
    const { Entries } = JSON.parse(new TextDecoder().decode(body)) as { Entries: PutEventsRequestEntry[] };
    requests.push(Entries);
    requestedAt.push(Date.now());
    const rejected = rejections.shift() ?? 0;
    events.push(...Entries.slice(rejected).map(eventOf));
    const results = Entries.map((_, index) =>
      index < rejected
        ? { ErrorCode: 'ThrottlingException', ErrorMessage: 'too many' }
        : { EventId: randomUUID() },
    );
    return { response: answer({ FailedEntryCount: rejected, Entries: results }) };
  };
  const client = new EventBridgeClient({
    endpoint: 'http://event-bus.invalid',
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
    requestHandler: { handle },
  });
  onTestFinished(() => client.destroy());
  return {
    client,
    name: 'item-sync-test',
    events,
    requests,
    requestedAt,
    reject: (...counts) => void rejections.push(...counts),
  };
}

const answer = (content: object) => ({
  statusCode: 200,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: new TextEncoder().encode(JSON.stringify(content)),
});

const eventOf = ({ DetailType, Detail = '' }: PutEventsRequestEntry): ChangeEvent =>
  ({ type: DetailType, detail: JSON.parse(Detail) }) as ChangeEvent;
