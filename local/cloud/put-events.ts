import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AwsError, type AwsService, isTooDeep, parseInput } from './aws-service.ts';
import { ACCOUNT, REGION } from './template.ts';

/** An event before EventBridge has accepted it. */
export interface Publication {
  source: string;
  'detail-type': string;
  resources: readonly string[];
  detail: object;
}

/** An event as rules and consumers receive it. */
export interface CloudEvent extends Publication {
  version: '0';
  id: string;
  account: string;
  /** ISO 8601, without fractions of a second. */
  time: string;
  region: string;
}

/** Field order as in https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html */
export const envelope = (published: Publication, time: Date): CloudEvent => ({
  version: '0',
  id: randomUUID(),
  'detail-type': published['detail-type'],
  source: published.source,
  account: ACCOUNT,
  time: time.toISOString().replace(/\.\d+Z$/, 'Z'),
  region: REGION,
  resources: published.resources,
  detail: published.detail,
});

/** Limit of all entries of a request together. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const LIMIT_BYTES = 1_048_576;

const requestEntry = z.strictObject({
  Source: z.string().optional(),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  Resources: z.array(z.string()).default([]),
  /** Epoch seconds. */
  Time: z.number().optional(),
  EventBusName: z.string().default('default'),
  // Accepted and ignored: there is no X-Ray here.
  TraceHeader: z.string().optional(),
});
const requestBody = z.strictObject({ Entries: z.array(requestEntry).min(1).max(10) });
type RequestEntry = z.output<typeof requestEntry>;

/** Puts an event on a bus, given its name or ARN. */
export type Put = (event: CloudEvent, bus: string) => void;

/** Answers PutEvents. An invalid entry fails alone; the others are accepted. */
export function putEventsOperation(put: Put): AwsService['operations'][string] {
  return (input) => {
    const { Entries } = parseInput(requestBody, input);
    if (Entries.reduce((total, entry) => total + sizeOf(entry), 0) >= LIMIT_BYTES) {
      throw new AwsError(
        'ValidationException',
        'Total size of the entries in the request is over the limit.',
      );
    }
    const results = Entries.map((entry) => putEntry(entry, put));
    return {
      FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length,
      Entries: results,
    };
  };
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size */
function sizeOf({ Time, Source = '', DetailType = '', Detail = '', Resources }: RequestEntry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((size, text) => size + Buffer.byteLength(text), Time === undefined ? 0 : 14);
}

type ResultEntry = { EventId: string } | { ErrorCode: string; ErrorMessage: string };

function putEntry(entry: RequestEntry, put: Put): ResultEntry {
  const { Source, DetailType, Detail, Resources, Time, EventBusName } = entry;
  if (!Source) return missing('Source');
  if (!DetailType) return missing('DetailType');
  if (!Detail) return missing('Detail');
  if (Source.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  const detail = parseObject(Detail);
  if (detail === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  const event = envelope(
    { source: Source, 'detail-type': DetailType, resources: Resources, detail },
    Time === undefined ? new Date() : new Date(Time * 1000),
  );
  put(event, EventBusName);
  return { EventId: event.id };
}

const missing = (parameter: string): ResultEntry => ({
  ErrorCode: 'InvalidArgument',
  ErrorMessage: `Parameter ${parameter} is not valid. Reason: ${parameter} is a required argument.`,
});

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject && !isTooDeep(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
