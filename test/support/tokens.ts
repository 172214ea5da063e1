import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { listen } from './http.ts';

interface Kind {
  /** The algorithm's name in the header of a JWT and in a JWK. */
  alg: string;
  /** The digest that is signed; absent if the algorithm signs the text itself. */
  hash?: string;
  generate: () => { publicKey: KeyObject; privateKey: KeyObject };
}

const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const curve = (namedCurve: string) => () => generateKeyPairSync('ec', { namedCurve });

/** The kinds of keys that issuers sign with, by algorithm or curve. */
const KINDS = {
  RS256: { alg: 'RS256', hash: 'sha256', generate: rsa },
  RS384: { alg: 'RS384', hash: 'sha384', generate: rsa },
  RS512: { alg: 'RS512', hash: 'sha512', generate: rsa },
  ES256: { alg: 'ES256', hash: 'sha256', generate: curve('P-256') },
  ES384: { alg: 'ES384', hash: 'sha384', generate: curve('P-384') },
  ES512: { alg: 'ES512', hash: 'sha512', generate: curve('P-521') },
  EdDSA: { alg: 'EdDSA', generate: () => generateKeyPairSync('ed25519') },
  Ed448: { alg: 'EdDSA', generate: () => generateKeyPairSync('ed448') },
} satisfies Record<string, Kind>;

export type KeyKind = keyof typeof KINDS;
export const KEY_KINDS = Object.keys(KINDS) as KeyKind[];

/** A key pair of an issuer. */
export interface SigningKey {
  kid: string;
  kind: Kind;
  privateKey: KeyObject;
  jwk: Record<string, unknown>;
}

export function createSigningKey(name: KeyKind, kid: string = name): SigningKey {
  const kind = KINDS[name];
  const { publicKey, privateKey } = kind.generate();
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: kind.alg, use: 'sig' };
  return { kid, kind, privateKey, jwk };
}

type Json = Record<string, unknown>;
const encode = (part: Json): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A signed JWT. `header` replaces the header fields of the key. */
export function signToken(key: SigningKey, claims: Json, header: Json = {}): string {
  const signed = `${encode({ alg: key.kind.alg, kid: key.kid, typ: 'JWT', ...header })}.${encode(claims)}`;
  return `${signed}.${signature(key, signed).toString('base64url')}`;
}

function signature({ kind, privateKey }: SigningKey, text: string): Buffer {
  // JWS concatenates the two numbers of an elliptic curve signature.
  return sign(kind.hash ?? null, Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
}

/** The key set of an issuer, over HTTP. */
export interface KeySet {
  uri: string;
  requests: number;
  /** The body of its answers; at first the JSON Web Key Set of the keys. */
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
