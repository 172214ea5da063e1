import { isNestedDeeper } from '../shared/contract/json-depth.ts';
import { NotSent } from './no-answer.ts';

// GitHub redirects the old name of a repository once. More redirects in a row are a loop.
const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const KEEP_THE_METHOD = new Set([307, 308]);
// Answers have about ten levels.
const MAX_LEVELS = 200;

export type Send = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Sends requests only to the host of the API, because each carries the token. It follows a redirect only within that
 * host, and only if method and body stay the same. Any other redirect is returned as it is. `fetch` itself would repeat
 * a POST as a GET after a 301 or 302, and follow redirects to other hosts without the token.
 */
export function sender(apiUrl: string, timeoutMs: number): Send {
  const { origin } = new URL(apiUrl);
  return async (url, init) => {
    // A URL on another host can come from GitHub's answers, such as a Link header.
    if (new URL(url).origin !== origin)
      throw new NotSent(`${new URL(url).origin} is not the host of the API`);
    // Node reuses connections by default, but would wait five minutes for an answer.
    const options: RequestInit = { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) };
    let response = await send(url, options);
    let from = url;
    for (let redirects = 1; redirects <= MAX_REDIRECTS; redirects += 1) {
      const to = destinationOf(from, response);
      if (!to || !isFollowed({ from, to, status: response.status, method: init.method })) return response;
      await response.body?.cancel();
      from = to.href;
      response = await send(from, options);
    }
    return response;
  };
}

async function send(url: string, options: RequestInit): Promise<Response> {
  try {
    return withoutDepth(await fetch(url, options));
  } catch (error) {
    // fetch throws this if it cannot build the request. Its message may contain the token.
    if (error instanceof TypeError && error.cause === undefined) {
      throw new NotSent('its URL or one of its headers is not valid');
    }
    throw error;
  }
}

/**
 * Replaces JSON that is nested too deeply by a sentence. Octokit walks through the answers of failed requests, and would
 * overflow the stack.
 */
function withoutDepth(response: Response): Response {
  // The JSON of an item is sent as another type, and checked where it is read.
  if (!response.headers.get('content-type')?.startsWith('application/json')) return response;
  const readText = response.text.bind(response);
  const text = async (): Promise<string> => {
    const json = await readText();
    return isNestedDeeper(json, MAX_LEVELS)
      ? `the answer is nested more than ${MAX_LEVELS} levels deep`
      : json;
  };
  return Object.defineProperty(response, 'text', { value: text });
}

function destinationOf(from: string, { status, headers }: Response): URL | undefined {
  if (!REDIRECTS.has(status)) return undefined;
  return URL.parse(headers.get('location') ?? '', from) ?? undefined;
}

interface Redirect {
  from: string;
  to: URL;
  status: number;
  method: string | undefined;
}

function isFollowed({ from, to, status, method = 'GET' }: Redirect): boolean {
  const isRead = method === 'GET' || method === 'HEAD';
  return to.origin === new URL(from).origin && (isRead || KEEP_THE_METHOD.has(status));
}

/** Says why a redirect was not followed. Leaves out the query of the destination, which may contain a secret. */
export function redirectSentence(from: string, location: string | undefined): string {
  const [source, to] = [URL.parse(from), URL.parse(location ?? '', from)];
  if (location === undefined || !source || !to) return 'redirected without a valid destination';
  if (to.origin !== source.origin) return `redirected from ${source.origin} to ${to.origin}`;
  return `redirected to ${to.pathname}, which was not followed`;
}
