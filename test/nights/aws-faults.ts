import type { AwsCall } from './calls.ts';

/** How an AWS service treats a request. */
export type AwsOutcome =
  | { status: number; error: string }
  | { connection: 'dropped-before-work' | 'dropped-after-work' }
  | { answer: 'never' }
  /** Only of PutEvents: the bus takes all entries but the first. */
  | { entries: 'first rejected' };

interface AwsFault {
  on: readonly AwsCall[];
  outcome: AwsOutcome;
  /** How many requests in a row are treated so, at most. The SDK tries three times. */
  most: number;
}

const TABLE = ['table read', 'table write', 'table batch write', 'transaction'] as const satisfies AwsCall[];
const ALL = [...TABLE, 'events', 'step functions'] as const satisfies AwsCall[];

export const AWS_FAULTS = {
  'table fails': { on: TABLE, outcome: { status: 500, error: 'InternalServerError' }, most: 4 },
  'table throttles': {
    on: TABLE,
    outcome: { status: 400, error: 'ProvisionedThroughputExceededException' },
    most: 6,
  },
  'table limits requests': { on: TABLE, outcome: { status: 400, error: 'ThrottlingException' }, most: 6 },
  'table conflict': {
    on: ['table write'],
    outcome: { status: 400, error: 'TransactionConflictException' },
    most: 1,
  },
  'AWS drops connections before the work': {
    on: ALL,
    outcome: { connection: 'dropped-before-work' },
    most: 4,
  },
  'AWS drops connections after the work': { on: ALL, outcome: { connection: 'dropped-after-work' }, most: 2 },
  'AWS is unavailable': { on: ALL, outcome: { status: 503, error: 'ServiceUnavailable' }, most: 4 },
  'AWS does not answer': { on: ALL, outcome: { answer: 'never' }, most: 1 },
  'event bus rejects entries': { on: ['events'], outcome: { entries: 'first rejected' }, most: 9 },
  'event bus fails': { on: ['events'], outcome: { status: 500, error: 'InternalException' }, most: 8 },
} satisfies Record<string, AwsFault>;

export type AwsFaultName = keyof typeof AWS_FAULTS;
