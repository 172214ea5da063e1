import * as z from 'zod';
import { isSecureUrl } from '../../functions/shared/contract/environment.ts';
import { parseJson, type Send } from '../api/http.ts';
import { count, formatTime } from '../describe/quantities.ts';
import { type Check, check, failed, ok, unknown } from './check.ts';
import type { TokenClaims } from './token-claims.ts';

/** What a token says about itself. */
export function checkClaims(claims: TokenClaims | undefined): Check {
  if (claims === undefined) {
    return failed(
      'claims',
      'the token is not a signed JWT',
      'The API accepts JWTs only: docs/deployment.md.',
    );
  }
  const { expiresAt, scopes } = claims;
  const expiry = expiresAt ? `valid until ${formatTime(expiresAt.toISOString())}` : 'no expiry time';
  const detail = `scopes: ${scopes.join(' ') || 'none'}; ${expiry}`;
  if (expiresAt !== undefined && expiresAt.getTime() < Date.now()) {
    return failed('claims', detail, 'The token has expired: get a new one.');
  }
  return ok('claims', detail);
}

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.string() });
const KeySet = z.object({ keys: z.array(z.object({ kid: z.string().optional() })) });

interface Issuer {
  claims: TokenClaims | undefined;
  /** The key set of the stack on this machine. Without it, the issuer's discovery document names the key set. */
  jwksUri: string | undefined;
  send: Send;
}

/** Whether the issuer publishes the key that signed the token. */
export const checkKeySet = ({ claims, jwksUri, send }: Issuer): Promise<Check> =>
  check('key set', async () => {
    if (claims === undefined) return unknown('key set', 'the token does not name its issuer', 'See above.');
    const uri = jwksUri ?? (await discoverKeySet(claims.issuer, send));
    if (uri === undefined) {
      return unknown(
        'key set',
        `the issuer ${claims.issuer} does not publish where its keys are`,
        'Compare the setting tokenJwksUri of the stage with the documentation of the issuer.',
      );
    }
    const { text } = await send(uri, { method: 'GET' });
    const keys = KeySet.safeParse(parseJson(text));
    const advice = 'The API cannot verify the token: check tokenIssuer and tokenJwksUri of the stage.';
    if (!keys.success) return failed('key set', `${uri} is not a JSON Web Key Set`, advice);
    const hasKey = keys.data.keys.some(({ kid }) => kid === claims.keyId);
    const detail = `${uri} has ${count(keys.data.keys.length, 'key')}`;
    return hasKey
      ? ok('key set', `${detail}, including that of the token`)
      : failed('key set', `${detail}, but not that of the token`, advice);
  });

/** https://openid.net/specs/openid-connect-discovery-1_0.html. @returns undefined if the issuer has no such document. */
async function discoverKeySet(issuer: string, send: Send): Promise<string | undefined> {
  if (!isSecureUrl(issuer)) return undefined;
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const { text } = await send(url, { method: 'GET' });
  const document = Discovery.safeParse(parseJson(text));
  return document.success && document.data.issuer === issuer && isSecureUrl(document.data.jwks_uri)
    ? document.data.jwks_uri
    : undefined;
}
