import type { SimulatedGitHub } from '../../local/github/simulated-github.ts';
import { gitHubCallOf } from './calls.ts';
import type { Script } from './script.ts';
import type { SimulatedTime } from './simulated-time.ts';
import { never } from './wire.ts';

/** Milliseconds that GitHub takes to answer. */
const LATENCY = { from: 80, to: 400 };

interface GitHubWire {
  time: SimulatedTime;
  /** Undefined until it was started. */
  script: Script;
  site: SimulatedGitHub;
}

/** `fetch` over a wire on which incidents happen. Requests reach GitHub one at a time, in an order that the seed decides. */
export function fetchOver(parts: () => GitHubWire): typeof fetch {
  return async (input, init = {}) => {
    const { signal } = init;
    const answer = requestOver(parts(), String(input), init);
    if (!signal) return answer;
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
    return Promise.race([answer, aborted]);
  };
}

async function requestOver(
  { time, script, site }: GitHubWire,
  url: string,
  init: RequestInit,
): Promise<Response> {
  const { pathname, search } = new URL(url);
  const method = init.method ?? 'GET';
  const path = `${pathname}${search}`;
  const body = typeof init.body === 'string' ? init.body : '';
  await time.sleep(time.random.integer(LATENCY.from, LATENCY.to));
  const outcome = await script.gitHub(gitHubCallOf({ method, path, body }), url);
  if (time.owner()?.isDead || (outcome && 'answer' in outcome && outcome.answer === 'never')) return never();
  if (outcome && 'answer' in outcome) await time.sleep(outcome.afterMs);
  else if (outcome) site.fail({ method, pathPrefix: path, outcome });
  return time.outside(() => sendToSite(url, init));
}

/** Reads the whole answer, so that reading it later takes no real time. */
async function sendToSite(url: string, { signal: _, ...init }: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  const { status, headers } = response;
  const body = await response.arrayBuffer();
  const answer = new Response(body.byteLength === 0 ? null : body, { status, headers });
  // Octokit resolves links relative to it.
  Object.defineProperty(answer, 'url', { value: response.url });
  return answer;
}
