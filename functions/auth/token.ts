import {
  FetchError,
  JwtBaseError,
  JwtExpiredError,
  JwtInvalidAudienceError,
  JwtInvalidIssuerError,
  JwtInvalidSignatureError,
  JwtNotBeforeError,
  JwtParseError,
} from 'aws-jwt-verify/error';
import { decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt';
import type { JwtPayload } from 'aws-jwt-verify/jwt-model';
import { verifyJwtSync } from 'aws-jwt-verify/jwt-verifier';
import { hasSignatureLength, isForAlgorithm } from './algorithms.ts';
import { assertClaims, assertHeader, type ClaimRules, TokenRejected } from './claims.ts';
import { createKeySet, type KeySet, type VerificationKey } from './key-set.ts';

export interface TokenRules extends ClaimRules {
  issuer: string;
  /** `http:` only on a loopback address. */
  jwksUri: string;
  keysMaxAgeMinutes: number;
}

export type Verification =
  | { kind: 'verified'; claims: JwtPayload }
  /** The token is invalid. `why` is for the log. */
  | { kind: 'rejected'; why: string };

export type VerifyToken = (token: string) => Promise<Verification>;

/**
 * Verifies the signature, issuer, audience and times of a token, and that it is an access token.
 * The returned function throws if the key set cannot be fetched, because the token may be valid.
 */
export function createTokenVerifier(rules: TokenRules): VerifyToken {
  const keySet = createKeySet(rules.jwksUri, rules.keysMaxAgeMinutes * 60_000);
  return async (token) => {
    try {
      const keys = await findKeys(keySet, token);
      return { kind: 'verified', claims: verifyWithOneOf(keys, token, rules) };
    } catch (error) {
      if (error instanceof FetchError || !(error instanceof JwtBaseError)) throw error;
      return { kind: 'rejected', why: whyRejected(error) };
    }
  };
}

/** Finds the keys that may have signed a token: those with its key id that fit its algorithm. */
async function findKeys(keySet: KeySet, token: string): Promise<VerificationKey[]> {
  const { header, signatureB64 } = decomposeUnverifiedJwt(token);
  assertHeader(header);
  const { kid, alg = 'none' } = header;
  if (typeof kid !== 'string') throw new TokenRejected('NoKeyId');
  if (!hasSignatureLength(signatureB64, alg)) throw new TokenRejected('InvalidSignature');
  const keys = await keySet.keysWithId(kid);
  if (keys.length === 0) throw new TokenRejected('UnknownKeyId');
  const forAlgorithm = keys.filter(({ jwk }) => isForAlgorithm(jwk, alg));
  if (forAlgorithm.length === 0) throw new TokenRejected('InvalidAlgorithm');
  return forAlgorithm;
}

/** @throws JwtBaseError if no key verifies the signature, or the claims break the rules. */
function verifyWithOneOf(keys: readonly VerificationKey[], token: string, rules: TokenRules): JwtPayload {
  const options = {
    issuer: rules.issuer,
    // assertClaims checks the audience, because the library does not know client_id.
    audience: null,
    graceSeconds: rules.leewaySeconds,
    customJwtCheck: ({ payload }: { payload: JwtPayload }) => assertClaims(payload, rules),
  };
  for (const { jwk, publicKey } of keys) {
    try {
      return verifyJwtSync(token, jwk, options, () => publicKey);
    } catch (error) {
      if (!(error instanceof JwtInvalidSignatureError)) throw error;
    }
  }
  throw new TokenRejected('InvalidSignature');
}

// Literals, because minifying changes the names of classes.
const REJECTIONS = new Map<unknown, string>([
  [JwtParseError, 'MalformedToken'],
  [JwtInvalidIssuerError, 'InvalidIssuer'],
  [JwtInvalidAudienceError, 'InvalidAudience'],
  [JwtExpiredError, 'TokenExpired'],
  [JwtNotBeforeError, 'TokenNotYetValid'],
]);

function whyRejected(error: JwtBaseError): string {
  if (error instanceof TokenRejected) return error.why;
  return REJECTIONS.get(error.constructor) ?? 'InvalidToken';
}
