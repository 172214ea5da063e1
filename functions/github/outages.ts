import { RequestError } from '@octokit/request-error';
import type { Octokit } from '@octokit/rest';
import type { Clock } from '../shared/clock.ts';
import { type Deferral, DeferredError } from '../shared/deferral.ts';
import { kindOf } from './request-kinds.ts';
import { failedRequest } from './responses.ts';
import type { Send } from './sending.ts';
import type { Waits } from './waits.ts';

/** A request as hooks of Octokit see it. */
export type RequestOptions = Required<Octokit['request']['endpoint']['DEFAULTS']>;

/** A request that GitHub did not answer. */
interface Unanswered {
  options: RequestOptions;
  error: RequestError;
}

/** Distinguishes an outage of GitHub from requests that fail for reasons of their own. */
export interface Outages {
  /**
   * Asks GitHub something that does not depend on any repository.
   * @throws DeferredError of kind `outage` if there is no answer to that either.
   */
  throwIfDown: (unanswered: Unanswered) => Promise<void>;
  /** The error for an unanswered request without which nothing can be done. Begins a wait. */
  begin: (error: RequestError) => Promise<DeferredError>;
}

/** Whether there is no usable answer: none at all, a 5xx, a page of a proxy, or a part of an answer. */
export function isUnanswered(error: unknown, clock: Clock): error is RequestError {
  if (!(error instanceof RequestError)) return false;
  // GraphQL reports an internal error of a query with status 200, beside the data.
  const isAnswer = error.response?.status === 200 && error.response.data !== undefined;
  return !isAnswer && failedRequest(error, clock).meaning.kind === 'unavailable';
}

/** Paths about one repository or one webhook, of GraphQL, and of a request that only the forecast needs. */
const DISPENSABLE = /^\/(?:repos\/|repositories\/|orgs\/[^/]+\/hooks|rate_limit$)|\/graphql$/;

/** Whether nothing can be done without this request: the listing needs it, or all other requests need its token. */
export const isIndispensable = ({ url }: Pick<RequestOptions, 'url'>): boolean => !DISPENSABLE.test(url);

export interface OutageOptions {
  waits: Waits;
  clock: Clock;
  /** Sends the question about GitHub itself, with a timeout of its own. */
  ask: Send;
}

export function watchOutages(
  octokit: Pick<Octokit, 'request'>,
  { waits, clock, ask }: OutageOptions,
): Outages {
  const asked = new Map<Question, Promise<boolean>>();

  /** Requests that fail at the same time ask once. */
  const isAnswering = (unanswered: Unanswered): Promise<boolean> => {
    const question = questionFor(unanswered.options);
    const pending = asked.get(question) ?? askAbout(question, unanswered);
    asked.set(question, pending);
    return pending.finally(() => asked.delete(question));
  };

  const askAbout = async (question: Question, { options }: Unanswered): Promise<boolean> => {
    const request = { fetch: ask, retries: 0, isQuestion: true };
    try {
      // The query has no fields of its own, so that no part of GitHub's data can make it fail.
      if (question === 'REST') await octokit.request('GET /rate_limit', { request });
      else
        await octokit.request('POST /graphql', {
          baseUrl: options.baseUrl,
          request,
          query: '{ __typename }',
        });
      return true;
    } catch (error) {
      if (error instanceof DeferredError) throw error;
      return !isUnanswered(error, clock);
    }
  };

  const begin = async (error: RequestError): Promise<DeferredError> => {
    // Another function may have noticed the outage, and may know of earlier ones.
    await waits.refresh(clock, 0);
    const { meaning: _, ...failure } = failedRequest(error, clock);
    const resumeAt = waits.next('outage', clock);
    await waits.share(clock);
    const deferral: Deferral = { kind: 'outage', resumeAt, ...failure };
    return new DeferredError(deferral);
  };

  return {
    throwIfDown: async (unanswered) => {
      if (!(await isAnswering(unanswered))) throw await begin(unanswered.error);
    },
    begin,
  };
}

/** REST and GraphQL can fail separately. */
type Question = 'REST' | 'GraphQL';

/** A query that can be split may only have been too large, so that only REST says whether GitHub is up. */
function questionFor(options: RequestOptions): Question {
  return kindOf(options) === 'query' && !options.request['canBeSplit'] ? 'GraphQL' : 'REST';
}
