import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { assertAppJwt } from '../../../../local/github/app/app-jwt.ts';
import { createClock } from '../../../support/clock.ts';
import { createSigningKey, type SigningKey, signToken } from '../../../support/tokens.ts';

const APP_ID = 271_828;
const key = createSigningKey('RS256');
const identity = { appId: APP_ID, publicKey: createPublicKey(key.privateKey) };
const { now } = createClock();
const seconds = now().getTime() / 1000;
const claims = { iss: APP_ID, iat: seconds - 60, exp: seconds + 540 };

const told = (jwt: string) => () => assertAppJwt(jwt, identity, now());

describe('assertAppJwt', () => {
  it.each([
    { what: 'like those of clients', changes: {} },
    { what: 'with a text as id', changes: { iss: String(APP_ID) } },
    { what: 'issued just now', changes: { iat: seconds } },
    { what: 'valid for ten minutes', changes: { exp: seconds + 600 } },
    { what: 'valid for a second', changes: { exp: seconds + 1 } },
  ])('accepts a JWT $what', ({ changes }) => {
    expect(told(signToken(key, { ...claims, ...changes }))).not.toThrow();
  });

  const EXPIRED =
    "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires";
  const NOT_ISSUED =
    "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
  it.each([
    { what: 'that has expired', changes: { exp: seconds }, message: EXPIRED },
    { what: 'that never expires', changes: { exp: undefined }, message: EXPIRED },
    {
      what: 'valid for more than ten minutes',
      changes: { exp: seconds + 601 },
      message: "'Expiration time' claim ('exp') is too far in the future",
    },
    { what: 'issued in the future', changes: { iat: seconds + 1 }, message: NOT_ISSUED },
    { what: 'without an issue time', changes: { iat: undefined }, message: NOT_ISSUED },
  ])("refuses a JWT $what with GitHub's message", ({ changes, message }) => {
    const refusal = expect.objectContaining({ status: 401, message });
    expect(told(signToken(key, { ...claims, ...changes }))).toThrow(refusal);
  });

  it('answers 404 for another App', () => {
    const refusal = expect.objectContaining({ status: 404, message: 'Integration not found' });
    expect(told(signToken(key, { ...claims, iss: 1 }))).toThrow(refusal);
  });

  const [header = '', , signature = ''] = signToken(key, claims).split('.');
  const forged = Buffer.from(JSON.stringify({ ...claims, exp: seconds + 599 })).toString('base64url');
  const unsigned: SigningKey = { ...key, privateKey: createSigningKey('RS256').privateKey };
  it.each([
    { what: 'signed by another key', jwt: signToken(unsigned, claims) },
    { what: 'changed after it was signed', jwt: `${header}.${forged}.${signature}` },
    { what: 'of another algorithm', jwt: signToken(key, claims, { alg: 'none' }) },
    { what: 'of three words', jwt: 'one.two.three' },
    { what: 'that is not a JWT', jwt: 'ghp_token' },
  ])('refuses a token $what as undecodable', ({ jwt }) => {
    const refusal = expect.objectContaining({
      status: 401,
      message: 'A JSON web token could not be decoded',
    });
    expect(told(jwt)).toThrow(refusal);
  });
});
