import type { JwtPayload } from 'aws-jwt-verify/jwt-model';
import type { ROUTES } from '../shared/contract/routes.ts';

/** What the authorizer passes on to the functions behind the routes. */
export interface Caller {
  subject: string;
}

export type Scope = Exclude<(typeof ROUTES)[keyof typeof ROUTES]['scope'], 'signature' | 'none'>;

/**
 * The scopes of a token. Issuers write them as one string in `scope` (RFC 8693), or in `scp` as one string or as a list.
 * The library rejects a list in `scope` as malformed.
 */
export function scopesOf({ scope, scp }: JwtPayload): string[] {
  const granted: unknown = scope ?? scp ?? [];
  return Array.isArray(granted) ? granted.map(String) : String(granted).split(' ');
}
