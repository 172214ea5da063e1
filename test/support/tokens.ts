import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { listen } from './http.ts';

export type Algorithm = 'RS256' | 'ES256' | 'EdDSA';

/** A key pair of an issuer. */
export interface SigningKey {
  kid: string;
  algorithm: Algorithm;
  privateKey: KeyObject;
  jwk: Record<string, unknown>;
}

const GENERATORS: Record<Algorithm, () => { publicKey: KeyObject; privateKey: KeyObject }> = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
};

export function createSigningKey(algorithm: Algorithm, kid: string = algorithm): SigningKey {
  const { publicKey, privateKey } = GENERATORS[algorithm]();
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' };
  return { kid, algorithm, privateKey, jwk };
}

type Json = Record<string, unknown>;
const encode = (part: Json): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A signed JWT; `header` replaces what the key would say. */
export function signToken(key: SigningKey, claims: Json, header: Json = {}): string {
  const signed = `${encode({ alg: key.algorithm, kid: key.kid, typ: 'JWT', ...header })}.${encode(claims)}`;
  return `${signed}.${signature(key, signed).toString('base64url')}`;
}

function signature({ algorithm, privateKey }: SigningKey, text: string): Buffer {
  const data = Buffer.from(text);
  if (algorithm === 'EdDSA') return sign(null, data, privateKey);
  // JWS has the two numbers of an elliptic curve's signature side by side.
  return sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
}

/** The key set of an issuer, over HTTP. */
export interface KeySet {
  uri: string;
  requests: number;
  /** What it answers; a JSON Web Key Set of the keys at first. */
  body: string;
  status: number;
  close: () => void;
}

export async function serveKeySet(keys: readonly SigningKey[]): Promise<KeySet> {
  const server: Server = createServer((_, response) => {
    keySet.requests += 1;
    response.writeHead(keySet.status, { 'content-type': 'application/json' }).end(keySet.body);
  });
  const keySet: KeySet = {
    uri: `${await listen(server)}/keys`,
    requests: 0,
    body: JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }),
    status: 200,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return keySet;
}
