import type { IncomingMessage } from 'node:http';

const LOOPBACK_HOSTS = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Whether a request is addressed to another host than this machine, or sent by a page of another host. A web page can
 * make its own name point to this machine (DNS rebinding), and would otherwise read secrets through the user's browser.
 */
export function isForeign({ headers: { host, origin } }: Pick<IncomingMessage, 'headers'>): boolean {
  const urls = [`http://${host ?? ''}`, ...(origin === undefined ? [] : [origin])];
  return urls.some((url) => !LOOPBACK_HOSTS.has(URL.parse(url)?.hostname ?? ''));
}
