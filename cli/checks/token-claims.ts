import * as z from 'zod';
import { parseJson } from '../api/http.ts';
import type { Secret } from '../connection/secret.ts';

const Header = z.object({ kid: z.string().optional() });
const Claims = z.object({
  iss: z.string(),
  exp: z.number().optional(),
  scope: z.union([z.string(), z.array(z.string())]).optional(),
  scp: z.union([z.string(), z.array(z.string())]).optional(),
});

export interface TokenClaims {
  issuer: string;
  keyId: string | undefined;
  expiresAt: Date | undefined;
  scopes: string[];
}

/** Reads a JWT without verifying it, which is up to the API. @returns undefined for any other token. */
export function readClaims(token: Secret): TokenClaims | undefined {
  const [header = '', payload = '', signature] = token.reveal().split('.');
  if (signature === undefined) return undefined;
  const [parsedHeader, claims] = [Header.safeParse(decode(header)), Claims.safeParse(decode(payload))];
  if (!parsedHeader.success || !claims.success) return undefined;
  const { iss: issuer, exp, scope, scp } = claims.data;
  const scopes = [scope ?? scp ?? []].flat().flatMap((part) => part.split(' ').filter(Boolean));
  return {
    issuer,
    keyId: parsedHeader.data.kid,
    expiresAt: exp === undefined ? undefined : new Date(exp * 1_000),
    scopes,
  };
}

const decode = (part: string): unknown => parseJson(Buffer.from(part, 'base64url').toString('utf8'));
