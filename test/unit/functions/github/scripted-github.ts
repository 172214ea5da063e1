import { generateKeyPairSync } from 'node:crypto';
import { onTestFinished, vi } from 'vitest';

/** A request as GitHub receives it. */
export interface Sent {
  method: string;
  url: string;
  path: string;
  body: string;
}

export interface Scripted {
  sent: Sent[];
  /** The number of requests since the last call. */
  count: () => number;
}

/** Answers every request of every client until the test ends. */
export function scriptGitHub(answer: (request: Sent) => Response | Promise<Response>): Scripted {
  const sent: Sent[] = [];
  let counted = 0;
  vi.stubGlobal('fetch', async (url: string, { method = 'GET', body }: RequestInit) => {
    const request = { method, url, path: new URL(url).pathname, body: String(body ?? '') };
    sent.push(request);
    return Object.defineProperty(await answer(request), 'url', { value: url, configurable: true });
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  return {
    sent,
    count() {
      const before = counted;
      counted = sent.length;
      return counted - before;
    },
  };
}

export const API_URL = 'https://github.example.org/api/v3';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
export const APP = { appId: 1, installationId: 2, organization: 'bank', privateKey };

/** Whether a request only asks if GitHub is up, which the client does when it gets no answer to another one. */
export const asksIfUp = ({ path, body }: Sent): boolean =>
  path.endsWith('/rate_limit') || body.includes('__typename');

/** A success for any request: no webhooks, no data, a new token of an installation. */
export function soundAnswer({ path }: Sent, headers: Record<string, string> = {}): Response {
  if (path.endsWith('/graphql')) return Response.json({ data: {} }, { headers });
  if (path.endsWith('/access_tokens')) {
    return Response.json({ token: 'ghs_new', permissions: {} }, { status: 201, headers });
  }
  return Response.json([], { headers });
}
