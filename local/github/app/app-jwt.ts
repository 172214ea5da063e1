import { type KeyObject, verify } from 'node:crypto';
import { Refusal } from '../refusal.ts';
import { isJsonObject, type JsonObject } from '../request.ts';

export interface AppIdentity {
  appId: number;
  publicKey: KeyObject;
}

const MAX_LIFETIME_SECONDS = 600;
const DOCUMENTATION = 'https://docs.github.com/rest';
const refusal = (message: string): Refusal => new Refusal(401, message, { documentation: DOCUMENTATION });

/** GitHub's answer to anything that is not a JWT of the App. */
export const undecodable = (): Refusal => refusal('A JSON web token could not be decoded');

const JWT = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;

export const isJwt = (text: string): boolean => JWT.test(text);

/**
 * Verifies the JWT with which an App authenticates: signed by RS256, and valid for at most ten minutes.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 *
 * @throws Refusal 401 in GitHub's words, from which clients can tell a wrong clock from a wrong key; 404 for another App.
 */
export function assertAppJwt(jwt: string, { appId, publicKey }: AppIdentity, now: Date): void {
  const [, header = '', claims = '', signature = ''] = JWT.exec(jwt) ?? [];
  const isSigned =
    decoded(header)?.['alg'] === 'RS256' &&
    verify('sha256', Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature, 'base64url'));
  const payload = decoded(claims);
  if (!isSigned || payload === undefined) throw undecodable();
  assertTimes(payload, Math.floor(now.getTime() / 1000));
  if (String(payload['iss']) !== String(appId)) {
    throw new Refusal(404, 'Integration not found', { documentation: DOCUMENTATION });
  }
}

function assertTimes({ iat, exp }: JsonObject, seconds: number): void {
  if (typeof exp !== 'number' || exp <= seconds) {
    throw refusal(
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  }
  if (exp > seconds + MAX_LIFETIME_SECONDS) {
    throw refusal("'Expiration time' claim ('exp') is too far in the future");
  }
  if (typeof iat !== 'number' || iat > seconds) {
    throw refusal(
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    );
  }
}

function decoded(part: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
