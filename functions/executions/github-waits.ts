import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { ExecutionWait } from '../shared/contract/executions.ts';
import { getRow, type Table } from '../shared/dynamodb.ts';
import {
  type GitHubWait,
  type GitHubWaits,
  isGrowing,
  MAX_WAIT_MS,
  type SharedWaits,
  WAIT_CAUSES,
  type WaitCause,
} from '../shared/github-waits.ts';
import * as z from '../shared/zod.ts';
import { expiry, KEYS } from './keys.ts';

// The clocks of two functions differ by less.
const CLOCK_DIFFERENCE_MS = 60_000;

// A wait that cannot be read must not stop every run until somebody repairs the row.
const Wait = z.lenient(z.object({ until: z.string(), count: z.int() }));
const WaitsCodec = z.object({
  named: Wait,
  restQuota: Wait,
  graphqlQuota: Wait,
  limit: Wait,
  suspicion: Wait,
  outage: Wait,
} satisfies Record<WaitCause, z.ZodMiniType>);

/** The row that holds how long nothing may be sent to GitHub. All functions that call GitHub read and write it. */
export function sharedWaits(executionsTable: Table): SharedWaits {
  const read = async (now: Date): Promise<GitHubWaits> => {
    const row = await getRow(executionsTable, KEYS.githubWaits());
    return waitsOf(row ?? {}, latestEnd(now));
  };
  return {
    read,
    extend: async (cause, wait, now) => {
      try {
        await writeWait(executionsTable, { cause, wait, now });
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
      return read(now);
    },
  };
}

const WAITS_FOR: Record<WaitCause, string> = {
  named: 'a rate limit of GitHub',
  restQuota: 'the hourly quota of GitHub for REST requests',
  graphqlQuota: 'the hourly quota of GitHub for GraphQL queries',
  limit: 'a rate limit of GitHub whose end is estimated',
  suspicion: 'a possible rate limit of GitHub: it refused requests without a reason',
  outage: 'an outage of GitHub',
};

/** What requests to GitHub are waiting for now, the wait that ends first at the beginning. */
export async function currentWaits(executionsTable: Table, now: Date): Promise<ExecutionWait[]> {
  const waits = await sharedWaits(executionsTable).read(now);
  return WAIT_CAUSES.flatMap((cause) => {
    const until = waits[cause]?.until;
    if (until === undefined || until <= now) return [];
    return [{ waitsFor: WAITS_FOR[cause], until: until.toISOString() }];
  }).toSorted((a, b) => a.until.localeCompare(b.until));
}

/** A wait that ends later was stored by a clock that is wrong. It is not kept to, and may be replaced. */
const latestEnd = (now: Date): string =>
  new Date(now.getTime() + MAX_WAIT_MS + CLOCK_DIFFERENCE_MS).toISOString();

function waitsOf(row: object, latest: string): GitHubWaits {
  const waits = WaitsCodec.safeParse(row).data ?? {};
  const readable = WAIT_CAUSES.flatMap((cause): [WaitCause, GitHubWait][] => {
    const { until, count } = waits[cause] ?? { until: '', count: 0 };
    const isReadable = until <= latest && !Number.isNaN(Date.parse(until));
    return isReadable ? [[cause, { until: new Date(until), count }]] : [];
  });
  return Object.fromEntries(readable);
}

/**
 * A named time replaces an earlier one. A growing wait replaces one that has ended: several functions notice the same
 * outage, and only the first of them may count it.
 */
async function writeWait(
  { client, name }: Table,
  { cause, wait: { until, count }, now }: { cause: WaitCause; wait: GitHubWait; now: Date },
): Promise<void> {
  await client.send(
    new UpdateCommand({
      TableName: name,
      Key: KEYS.githubWaits(),
      UpdateExpression: 'SET #cause = :wait, expiresAt = :expiresAt',
      ConditionExpression:
        'attribute_not_exists(#cause.#until) OR #cause.#until <= :replaced OR #cause.#until > :latest',
      ExpressionAttributeNames: { '#cause': cause, '#until': 'until' },
      ExpressionAttributeValues: {
        ':wait': { until: until.toISOString(), count },
        ':replaced': (isGrowing(cause) ? now : until).toISOString(),
        ':latest': latestEnd(now),
        ':expiresAt': expiry(now).expiresAt,
      },
    }),
  );
}
