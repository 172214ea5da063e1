/** What AWS charges for. */
export interface Consumption {
  /** State transitions of a Standard state machine. */
  transitions: number;
  invocations: number;
  gbSeconds: number;
  readUnits: number;
  writeUnits: number;
  /** Events that are published. */
  events: number;
}

export interface Price {
  of: keyof Consumption;
  dollars: number;
  per: number;
  what: string;
  source: string;
  read: string;
}

/**
 * On-demand prices of us-east-1 without free tiers. They were copied from third parties and must be checked against the
 * pages of AWS. Logs, storage, backups, traffic and API Gateway are not included.
 */
export const PRICES: readonly Price[] = [
  {
    of: 'transitions',
    dollars: 0.025,
    per: 1_000,
    what: 'state transitions of a Standard state machine',
    source: 'https://aws.amazon.com/step-functions/pricing/',
    read: '2026-11, third party',
  },
  {
    of: 'invocations',
    dollars: 0.2,
    per: 1_000_000,
    what: 'Lambda requests',
    source: 'https://aws.amazon.com/lambda/pricing/',
    read: '2026-11, third party',
  },
  {
    of: 'gbSeconds',
    dollars: 0.0000133334,
    per: 1,
    what: 'Lambda GB-seconds on arm64',
    source: 'https://aws.amazon.com/lambda/pricing/',
    read: '2026-11, third party',
  },
  {
    of: 'readUnits',
    dollars: 0.125,
    per: 1_000_000,
    what: 'DynamoDB read request units, on demand',
    source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
    read: '2026-09, third party',
  },
  {
    of: 'writeUnits',
    dollars: 0.625,
    per: 1_000_000,
    what: 'DynamoDB write request units, on demand',
    source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
    read: '2026-09, third party',
  },
  {
    of: 'events',
    dollars: 1,
    per: 1_000_000,
    what: 'EventBridge custom events',
    source: 'https://aws.amazon.com/eventbridge/pricing/',
    read: '2026-06, third party',
  },
];

export function dollarsFor(consumption: Consumption): number {
  return PRICES.reduce((sum, { of, dollars, per }) => sum + (consumption[of] * dollars) / per, 0);
}
