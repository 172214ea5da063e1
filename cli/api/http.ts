import { UnreachableError } from './errors.ts';

/** API Gateway answers within 30 s, because it waits no longer for a function. */
const LIMIT_MS = 35_000;

export interface HttpAnswer {
  status: number;
  headers: Headers;
  text: string;
}

interface HttpRequest extends Pick<RequestInit, 'method' | 'body'> {
  headers?: Record<string, string>;
}

/** Sends a request. Tests replace it, and `--verbose` wraps it. */
export type Send = (url: string, request: HttpRequest) => Promise<HttpAnswer>;

/**
 * Sends requests until the signal is aborted. Redirects are not followed: they would carry a token or a secret to an
 * address that the user did not name.
 *
 * @throws UnreachableError if there is no complete answer.
 */
export const createSend =
  (signal: AbortSignal): Send =>
  async (url, request) => {
    try {
      const answer = await fetch(url, {
        ...request,
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]),
      });
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    } catch (error) {
      throw new UnreachableError(new URL(url).origin, reasonOf(error));
    }
  };

/** `fetch` hides the reason in the cause. It never contains headers or the body. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  if (error.name === 'TimeoutError') return `no answer within ${LIMIT_MS / 1_000} s`;
  const { cause } = error;
  if (cause instanceof AggregateError) return reasonOf(new Error('', { cause: cause.errors[0] }));
  if (!(cause instanceof Error)) return error.message;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}

/** Reports each request by method, address, status and duration, but neither headers nor bodies. */
export const reporting =
  (inner: Send, report: (line: string) => void): Send =>
  async (url, request) => {
    const startedAt = performance.now();
    const { origin, pathname } = new URL(url);
    const name = `${request.method ?? 'GET'} ${origin}${pathname}`;
    try {
      const answer = await inner(url, request);
      report(`${name}: ${answer.status} in ${Math.round(performance.now() - startedAt)} ms`);
      return answer;
    } catch (error) {
      report(`${name}: no answer`);
      throw error;
    }
  };

/** @returns undefined for text that is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
