import { assertAppJwt, isJwt } from './app/app-jwt.ts';
import type { InstalledApp } from './app/installed-app.ts';
import type { Caller } from './callers.ts';
import { Refusal } from './refusal.ts';

const TOKEN_SCHEMES = /^(?:token|bearer)\s+(\S+)$/i;
const BASIC_SCHEME = /^basic\s+(\S+)$/i;

export interface AuthenticationParts {
  /** By their tokens. */
  users: ReadonlyMap<string, Caller>;
  app: InstalledApp | undefined;
  now: () => Date;
}

/** Identifies the caller by the Authorization header. */
export type Identify = (authorization: string | undefined) => Caller;

/**
 * GitHub accepts a token in three forms: `token …`, `Bearer …`, and as the password of `Basic …`.
 *
 * @throws Refusal 401 for a missing or unknown token, or an invalid JWT of an App.
 */
export function createAuthentication({ users, app, now }: AuthenticationParts): Identify {
  return (authorization) => {
    if (authorization === undefined) throw new Refusal(401, 'Requires authentication');
    const presented = tokenOf(authorization) ?? '';
    const user = users.get(presented);
    if (user) return user;
    if (app?.tokens.isValid(presented)) return app.installation;
    if (app === undefined || !isJwt(presented)) throw badCredentials();
    assertAppJwt(presented, app, now());
    return app.itself;
  };
}

export const badCredentials = (): Refusal =>
  new Refusal(401, 'Bad credentials', { documentation: 'https://docs.github.com/rest' });

function tokenOf(authorization: string): string | undefined {
  const basic = BASIC_SCHEME.exec(authorization)?.[1];
  if (basic === undefined) return TOKEN_SCHEMES.exec(authorization)?.[1];
  const credentials = Buffer.from(basic, 'base64').toString();
  return credentials.slice(credentials.indexOf(':') + 1);
}
