import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { onTestFinished } from 'vitest';
import {
  type IdentityProvider,
  type IdentityProviderOptions,
  startIdentityProvider,
} from '../../../../local/identity-provider/identity-provider.ts';

export const SCOPES = ['item-sync/sync', 'item-sync/read'];
export const CLIENT = { client_id: 'operator', client_secret: 'a-client-secret' };
export const PASSWORD = { grant_type: 'password', username: 'ann', password: 'a-password' };

export function createStateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'identity-provider-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function start(changes: Partial<IdentityProviderOptions> = {}): Promise<IdentityProvider> {
  const provider = await startIdentityProvider({
    port: 0,
    audience: 'item-sync',
    scopes: SCOPES,
    client: { id: CLIENT.client_id, secret: CLIENT.client_secret },
    user: { name: PASSWORD.username, password: PASSWORD.password },
    stateFolder: changes.stateFolder ?? createStateFolder(),
    ...changes,
  });
  onTestFinished(() => provider.close());
  return provider;
}

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

export async function post(
  url: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form), headers });
  const body: unknown = await response.json();
  if (typeof body !== 'object' || body === null) throw new Error('The answer is no object.');
  return { status: response.status, body: { ...body } };
}

export async function issue(url: string, form: Record<string, string>): Promise<string> {
  const { body } = await post(url, form);
  return String(body['access_token']);
}

/** Verifies a token like the product, except that the keys are fetched over plain HTTP. */
export function verify(
  { issuer, jwksUri }: { issuer: string; jwksUri: string },
  token: string,
  expected: { audience?: string; scope?: string } = {},
) {
  const fetcher = { fetch: async (uri: string) => (await fetch(uri)).arrayBuffer() };
  const jwksCache = new SimpleJwksCache({ fetcher });
  const verifier = JwtVerifier.create({ issuer, jwksUri, audience: null }, { jwksCache });
  return verifier.verify(token, {
    audience: expected.audience ?? 'item-sync',
    ...(expected.scope === undefined ? {} : { scope: expected.scope }),
  });
}
