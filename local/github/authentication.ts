import { assertAppJwt, isJwt } from './app/app-jwt.ts';
import type { InstalledApp } from './app/installed-app.ts';
import type { Caller } from './callers.ts';
import { Refusal } from './refusal.ts';

const TOKEN_SCHEMES = /^(?:token|bearer)\s+(\S+)$/i;
const BASIC_SCHEME = /^basic\s+(\S+)$/i;

export interface AuthenticationParts {
  /** The user's. */
  token: string;
  user: Caller;
  app: InstalledApp | undefined;
  now: () => Date;
}

/** Says who shows this header. */
export type Identify = (authorization: string | undefined) => Caller;

/**
 * GitHub takes a token in three forms: `token …`, `Bearer …`, and as the password of `Basic …`.
 *
 * @throws Refusal 401 when there is none that is known, or an App's JWT is not good.
 */
export function createAuthentication({ token, user, app, now }: AuthenticationParts): Identify {
  return (authorization) => {
    if (authorization === undefined) throw new Refusal(401, 'Requires authentication');
    const shown = tokenOf(authorization) ?? '';
    if (shown === token) return user;
    if (app?.tokens.isValid(shown)) return app.installation;
    if (app === undefined || !isJwt(shown)) throw badCredentials();
    assertAppJwt(shown, app, now());
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
