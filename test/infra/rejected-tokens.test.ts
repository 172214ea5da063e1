import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { createSigningKey, type KeySet, serveKeySet, signToken } from '../support/tokens.ts';

/*
 * Minifying changes the names of classes, so the reasons in the log must be literals. Only the bundle can show that.
 */
const ISSUER = 'https://identity.example.org/realm';
const AUDIENCE = 'item-sync';
const IN_AN_HOUR = Math.floor(Date.now() / 1_000) + 3_600;
const CLAIMS = { iss: ISSUER, aud: AUDIENCE, sub: 'alice', exp: IN_AN_HOUR };
const KEY = createSigningKey('ES256');
const OTHER_KEY = createSigningKey('ES256');

const CONTEXT = { functionName: 'authorize', getRemainingTimeInMillis: () => 10_000 } as Context;

let keySet: KeySet;
let authorize: (event: object, context: Context) => Promise<unknown>;
const written: string[] = [];

beforeAll(async () => {
  keySet = await serveKeySet([KEY]);
  vi.stubEnv('TOKEN_ISSUER', ISSUER);
  vi.stubEnv('TOKEN_AUDIENCE', AUDIENCE);
  vi.stubEnv('TOKEN_JWKS_URI', keySet.uri);
  vi.stubEnv('TOKEN_KEYS_MAX_AGE_MINUTES', '15');
  vi.stubEnv('TOKEN_LEEWAY_SECONDS', '5');
  vi.stubEnv('TOKEN_MAX_LIFETIME_HOURS', '24');
  const keep = (text: string | Uint8Array): boolean => written.push(String(text)) > 0;
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
  authorize = (await import(await bundleOf('authorize'))).handler;
});
afterAll(() => {
  keySet.close();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

interface LambdaFunction {
  Type: string;
  Properties: { FunctionName: string; Code: { S3Key: string } };
}

/** The path of a function's bundle in the synthesized assembly. */
async function bundleOf(name: string): Promise<string> {
  const assembly = inject('assembly');
  const template = (await readdir(assembly)).find((file) => file.endsWith('.template.json')) ?? '';
  const { Resources } = JSON.parse(await readFile(join(assembly, template), 'utf8'));
  const found = Object.values<LambdaFunction>(Resources).find(
    ({ Type, Properties }) =>
      Type === 'AWS::Lambda::Function' && Properties.FunctionName.endsWith(`-${name}`),
  );
  if (!found) throw new Error(`the template has no function ${name}`);
  return join(assembly, `asset.${found.Properties.Code.S3Key.replace('.zip', '')}`, 'index.mjs');
}

const token = (claims: object = {}, header: Record<string, unknown> = {}): string =>
  signToken(KEY, { ...CLAIMS, ...claims }, header);

describe('the bundle of authorize', () => {
  it.each([
    ['NoBearerToken', ''],
    ['MalformedToken', 'not-a-jwt'],
    ['InvalidIssuer', token({ iss: 'https://other.example.org' })],
    ['InvalidAudience', token({ aud: 'another' })],
    ['TokenExpired', token({ exp: 1 })],
    ['TokenNotYetValid', token({ nbf: IN_AN_HOUR })],
    ['InvalidSignature', signToken(OTHER_KEY, CLAIMS)],
    ['InvalidAlgorithm', token({}, { alg: 'HS256' })],
    ['NoKeyId', token({}, { kid: undefined })],
    ['UnknownKeyId', token({}, { kid: 'unknown' })],
    ['NotAnAccessToken', token({ token_use: 'id' })],
    ['LifetimeTooLong', token({ exp: 10 * IN_AN_HOUR })],
    ['UnknownExtension', token({}, { crit: ['b64'] })],
  ])('logs %s', async (why, rejected) => {
    written.length = 0;
    const event = { routeKey: 'POST /sync', headers: { authorization: `Bearer ${rejected}` } };
    expect(await authorize(event, CONTEXT)).toMatchObject({
      isAuthorized: false,
      errorMessage: 'Unauthorized',
    });
    expect(written.map((line) => JSON.parse(line))).toContainEqual(expect.objectContaining({ why }));
  });
});
