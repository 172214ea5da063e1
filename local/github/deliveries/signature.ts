import { createHmac } from 'node:crypto';
import type { HookConfig } from '../bank/entities.ts';

/** Encodes the payload according to the hook's content type. */
export function encodeEvent({ content_type }: HookConfig, payload: object): { type: string; body: string } {
  const json = JSON.stringify(payload);
  if (content_type === 'json') return { type: 'application/json', body: json };
  return {
    type: 'application/x-www-form-urlencoded',
    body: new URLSearchParams({ payload: json }).toString(),
  };
}

/** Signs the body that is sent. Empty if the hook has no secret. */
export function signatureHeaders({ secret }: HookConfig, body: string): Record<string, string> {
  if (secret === undefined) return {};
  const sign = (algorithm: 'sha1' | 'sha256'): string =>
    `${algorithm}=${createHmac(algorithm, secret).update(body).digest('hex')}`;
  return { 'X-Hub-Signature': sign('sha1'), 'X-Hub-Signature-256': sign('sha256') };
}

/** The simulation sends requests only to this machine, whatever URL a hook has. */
export function isLoopback(url: string): boolean {
  const host = URL.parse(url)?.hostname ?? '';
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
