import { Refusal } from './refusal.ts';

const TOKEN_SCHEMES = /^(?:token|bearer)\s+(\S+)$/i;
const BASIC_SCHEME = /^basic\s+(\S+)$/i;

/**
 * GitHub takes a token in three forms: `token …`, `Bearer …`, and as the password of `Basic …`.
 *
 * @throws Refusal 401 when there is none, or another than the one given.
 */
export function assertAuthenticated(authorization: string | undefined, token: string): void {
  if (authorization === undefined) throw new Refusal(401, 'Requires authentication');
  if (tokenOf(authorization) !== token) {
    throw new Refusal(401, 'Bad credentials', { documentation: 'https://docs.github.com/rest' });
  }
}

function tokenOf(authorization: string): string | undefined {
  const basic = BASIC_SCHEME.exec(authorization)?.[1];
  if (basic === undefined) return TOKEN_SCHEMES.exec(authorization)?.[1];
  const credentials = Buffer.from(basic, 'base64').toString();
  return credentials.slice(credentials.indexOf(':') + 1);
}
