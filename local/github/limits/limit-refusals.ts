import { QueryLimited, Refusal } from '../refusal.ts';
import type { Excess } from './secondary-limits.ts';

/** The refused caller and request, as error messages name them. */
export interface Refused {
  callerName: string;
  requestId: string;
}

const DOCUMENTATION = 'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api';

const forSupport = ({ requestId }: Refused): string =>
  `If you reach out to GitHub Support for help, please include the request ID ${requestId}.`;

export function primaryRefusal(refused: Refused): Refusal {
  const message = `API rate limit exceeded for ${refused.callerName}. ${forSupport(refused)}`;
  return new Refusal(403, message, { documentation: `${DOCUMENTATION}#about-primary-rate-limits` });
}

/** GraphQL reports its primary limit with status 200 and a different sentence. */
export function primaryQueryRefusal({ callerName }: Refused): QueryLimited {
  const message = `API rate limit already exceeded for ${callerName}.`;
  return new QueryLimited(message, { type: 'RATE_LIMIT', code: 'graphql_rate_limit' });
}

const SECONDARY_MESSAGES: Readonly<Record<Excess['of'], string>> = {
  requests: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
  content:
    'You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later.',
};

export function secondaryRefusal({ of, retryAfterSeconds }: Excess, refused: Refused): Refusal {
  return new Refusal(403, `${SECONDARY_MESSAGES[of]} ${forSupport(refused)}`, {
    documentation: `${DOCUMENTATION}#about-secondary-rate-limits`,
    headers: { 'retry-after': String(retryAfterSeconds) },
  });
}

/** GitHub's answer to a query that takes too long. */
export const timedOut = (): Refusal =>
  new Refusal(
    502,
    "We couldn't respond to your request in time. Sorry about that. Please try resubmitting your request and contact us if the problem persists.",
  );
