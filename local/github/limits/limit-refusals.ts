import { QueryLimited, Refusal } from '../refusal.ts';
import type { Excess } from './secondary-limits.ts';

/** Who is refused, and what. */
export interface Refused {
  callerName: string;
  requestId: string;
}

const DOCUMENTATION = 'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api';

const forSupport = ({ requestId }: Refused): string =>
  `If you reach out to GitHub Support for help, please include the request ID ${requestId}.`;

export function primaryRefusal(refused: Refused, status: 403 | 429): Refusal {
  const message = `API rate limit exceeded for ${refused.callerName}. ${forSupport(refused)}`;
  return new Refusal(status, message, { documentation: `${DOCUMENTATION}#about-primary-rate-limits` });
}

/** Unlike that of the REST API, this limit is told with status 200, and in a sentence of its own. */
export function primaryQueryRefusal({ callerName }: Refused): QueryLimited {
  const message = `API rate limit already exceeded for ${callerName}.`;
  return new QueryLimited(message, { type: 'RATE_LIMIT', code: 'graphql_rate_limit' });
}

export function secondaryRefusal(
  excess: Excess,
  refused: Refused,
  status: 200 | 403 | 429,
): Refusal | QueryLimited {
  const message = `${secondaryWords(excess)} ${forSupport(refused)}`;
  const headers = { 'retry-after': String(excess.retryAfterSeconds) };
  if (status === 200) return new QueryLimited(message, {}, headers);
  return new Refusal(status, message, {
    documentation: `${DOCUMENTATION}#about-secondary-rate-limits`,
    headers,
  });
}

function secondaryWords({ of }: Excess): string {
  switch (of) {
    case 'requests':
      return 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
    case 'content':
      return 'You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later.';
    default:
      return assertNever(of);
  }
}

function assertNever(of: never): never {
  throw new Error(`There is no secondary limit of ${String(of)}.`);
}

/** The query took longer than GitHub answers. */
export const timedOut = (): Refusal =>
  new Refusal(
    502,
    "We couldn't respond to your request in time. Sorry about that. Please try resubmitting your request and contact us if the problem persists.",
  );
