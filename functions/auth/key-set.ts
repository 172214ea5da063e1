import { createPublicKey, type KeyObject } from 'node:crypto';
import { FetchError } from 'aws-jwt-verify/error';
import { type Fetcher, SimpleFetcher } from 'aws-jwt-verify/https';
import { assertIsSignatureJwk, isJwk, type Jwk, type JwkWithKid } from 'aws-jwt-verify/jwk';
import { type Json, safeJsonParse } from 'aws-jwt-verify/safe-json-parse';

/** A key that verifies signatures. */
export interface VerificationKey {
  jwk: JwkWithKid;
  publicKey: KeyObject;
}

export interface KeySet {
  /**
   * Finds the keys with this id, after fetching the key set if necessary. Several keys may share an id, for example one
   * for each algorithm. An empty result means that the issuer has no usable key with this id.
   * @throws Error if the key set cannot be fetched, because it may contain the key.
   */
  keysWithId(keyId: string): Promise<VerificationKey[]>;
}

/** The key set is fetched early, so that a failed fetch can be repeated before the keys expire. */
const REFRESH_AT_SHARE = 2 / 3;
/** Anyone can send tokens with unknown key ids. They cause at most one fetch per interval. */
const MIN_INTERVAL_MS = 10_000;
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 30_000;

/** @param maxAgeMs Time after which a key that the issuer has withdrawn is no longer accepted. */
export function createKeySet(uri: string, maxAgeMs: number): KeySet {
  // SimpleFetcher supports only https.
  const fetcher: Fetcher = uri.startsWith('http:') ? { fetch: fetchOverHttp } : new SimpleFetcher();
  let fetched: { keys: VerificationKey[]; at: number } | undefined;
  let failure: { error: unknown; count: number } | undefined;
  let nextFetchAt = 0;
  let fetching: Promise<void> | undefined;

  const fetchKeys = async (): Promise<void> => {
    try {
      fetched = { keys: parseKeySet(await fetcher.fetch(uri), uri), at: Date.now() };
      failure = undefined;
      nextFetchAt = Date.now() + MIN_INTERVAL_MS;
    } catch (error) {
      const count = (failure?.count ?? 0) + 1;
      failure = { error, count };
      nextFetchAt = Date.now() + Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (count - 1));
    }
  };
  const age = (): number => (fetched === undefined ? Infinity : Date.now() - fetched.at);
  return {
    keysWithId: async (keyId) => {
      const find = () =>
        age() < maxAgeMs ? (fetched?.keys ?? []).filter(({ jwk }) => jwk.kid === keyId) : [];
      const isDue = age() >= maxAgeMs * REFRESH_AT_SHARE || find().length === 0;
      if (isDue && Date.now() >= nextFetchAt) {
        fetching ??= fetchKeys().finally(() => {
          fetching = undefined;
        });
        await fetching;
      }
      const keys = find();
      if (keys.length === 0 && failure !== undefined) throw failure.error;
      return keys;
    },
  };
}

/**
 * Reads a JSON Web Key Set. Keys that this service cannot use are ignored, as section 5 of RFC 7517 recommends.
 * @throws FetchError if the body is not a key set, or none of its keys is usable.
 */
function parseKeySet(body: ArrayBuffer, uri: string): VerificationKey[] {
  const text = Buffer.from(body).toString('utf8');
  let keys: unknown;
  try {
    keys = Object(safeJsonParse(text)).keys;
  } catch {
    throw new FetchError(uri, 'the answer is not JSON');
  }
  if (!Array.isArray(keys)) throw new FetchError(uri, 'the answer is not a JSON Web Key Set');
  const usable = keys.flatMap(toVerificationKey);
  if (keys.length > 0 && usable.length === 0) throw new FetchError(uri, 'no key of the key set is usable');
  return usable;
}

function toVerificationKey(jwk: Json): VerificationKey[] {
  if (!isJwk(jwk) || !hasKeyId(jwk)) return [];
  const { key_ops: operations } = jwk;
  if (Array.isArray(operations) && !operations.includes('verify')) return [];
  try {
    assertIsSignatureJwk(jwk);
    return [{ jwk, publicKey: createPublicKey({ key: jwk, format: 'jwk' }) }];
  } catch {
    return [];
  }
}

const hasKeyId = (jwk: Jwk): jwk is JwkWithKid => jwk.kid !== undefined;

// API Gateway gives an authorizer ten seconds.
const KEY_SET_TIMEOUT_MS = 3_000;

async function fetchOverHttp(uri: string): Promise<ArrayBuffer> {
  try {
    const answer = await fetch(uri, { signal: AbortSignal.timeout(KEY_SET_TIMEOUT_MS), redirect: 'error' });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return await answer.arrayBuffer();
  } catch (error) {
    throw new FetchError(uri, error);
  }
}
