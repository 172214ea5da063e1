import { RequestError } from '@octokit/request-error';
import type { Octokit } from '@octokit/rest';
import { NO_REQUESTS, type RequestCounts } from '../shared/contract/requests.ts';
import { kindOf, type RequestKind } from './request-kinds.ts';

const COUNTED: Record<RequestKind, keyof RequestCounts | undefined> = {
  read: 'reads',
  write: 'writes',
  query: 'queries',
  uncounted: undefined,
};

/**
 * Counts what a client sends. To be added first, within whatever holds a request back or makes it again, so that each
 * attempt counts, and what was not sent does not.
 */
export function counting({ hook }: Pick<Octokit, 'hook'>): { requestsSent: () => RequestCounts } {
  const sent = { ...NO_REQUESTS };
  hook.wrap('request', async (request, options) => {
    const counted = COUNTED[kindOf(options)];
    if (counted === undefined) return request(options);
    sent[counted] += 1;
    try {
      return await request(options);
    } catch (error) {
      if (error instanceof RequestError && isRefusal(error)) sent.refused += 1;
      throw error;
    }
  });
  return { requestsSent: () => ({ ...sent }) };
}

const isRefusal = ({ status }: RequestError): boolean => status === 403 || status === 429;
