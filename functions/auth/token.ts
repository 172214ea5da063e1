import { JwtVerifier } from 'aws-jwt-verify';
import { assertStringArraysOverlap } from 'aws-jwt-verify/assert';
import {
  FetchError,
  JwkInvalidKtyError,
  JwkInvalidUseError,
  JwksValidationError,
  JwkValidationError,
  JwtBaseError,
  JwtExpiredError,
  JwtInvalidAudienceError,
  JwtInvalidIssuerError,
  JwtInvalidSignatureAlgorithmError,
  JwtInvalidSignatureError,
  JwtNotBeforeError,
  JwtParseError,
  JwtWithoutValidKidError,
  KidNotFoundInJwksError,
  WaitPeriodNotYetEndedJwkError,
} from 'aws-jwt-verify/error';
import type { Fetcher } from 'aws-jwt-verify/https';
import { SimpleFetcher } from 'aws-jwt-verify/https';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import type { JwtPayload } from 'aws-jwt-verify/jwt-model';
import { assertSignatureLength, onlyFitting } from './key-set.ts';

export interface TokenRules {
  issuer: string;
  audience: string;
  /** `http:` only on a loopback address. */
  jwksUri: string;
}

export type Verification =
  | { kind: 'verified'; claims: JwtPayload }
  /** The token is invalid. `why` is for the log. */
  | { kind: 'rejected'; why: string };

export type VerifyToken = (token: string) => Promise<Verification>;

// Literals, because minifying changes the names of classes.
const REJECTIONS = new Map<unknown, string>([
  [JwtParseError, 'MalformedToken'],
  [JwtInvalidIssuerError, 'InvalidIssuer'],
  [JwtInvalidAudienceError, 'InvalidAudience'],
  [JwtExpiredError, 'TokenExpired'],
  [JwtNotBeforeError, 'TokenNotYetValid'],
  [JwtInvalidSignatureError, 'InvalidSignature'],
  [JwtInvalidSignatureAlgorithmError, 'InvalidAlgorithm'],
  [JwtWithoutValidKidError, 'NoKeyId'],
  [KidNotFoundInJwksError, 'UnknownKeyId'],
  [WaitPeriodNotYetEndedJwkError, 'UnknownKeyId'],
  [JwkInvalidUseError, 'UnsuitableKey'],
  [JwkInvalidKtyError, 'UnsuitableKey'],
]);

/**
 * Verifies signature, issuer, audience, expiry and not-before. Keys are fetched on first use and kept.
 * The returned function throws if the key set is not available, because the token may be valid then.
 */
export function createTokenVerifier({ issuer, audience, jwksUri }: TokenRules): VerifyToken {
  const source: Fetcher = jwksUri.startsWith('http:') ? { fetch: fetchOverHttp } : new SimpleFetcher();
  let lastFetchFailed = false;
  const fetcher: Fetcher = {
    fetch: async (uri) => {
      lastFetchFailed = true;
      const body = await source.fetch(uri);
      lastFetchFailed = false;
      return body;
    },
  };
  const verifier = JwtVerifier.create(
    {
      issuer,
      jwksUri,
      // Amazon Cognito's tokens for machines have a client_id instead of an audience: both are checked below.
      audience: null,
      customJwtCheck: ({ payload }) => {
        if (payload.exp === undefined) throw new JwtExpiredError('the token never expires', payload.exp);
        assertStringArraysOverlap(
          'Audience',
          payload.aud ?? payload['client_id'],
          audience,
          JwtInvalidAudienceError,
        );
      },
    },
    { jwksCache: onlyFitting(new SimpleJwksCache({ fetcher })) },
  );
  return async (token) => {
    try {
      assertSignatureLength(token);
      return { kind: 'verified', claims: await verifier.verify(token) };
    } catch (error) {
      if (!isTokensFault(error, lastFetchFailed)) throw error;
      return { kind: 'rejected', why: REJECTIONS.get(error.constructor) ?? 'InvalidToken' };
    }
  };
}

function isTokensFault(error: unknown, lastFetchFailed: boolean): error is JwtBaseError {
  // After a token named an unknown key id, the keys are not fetched again for a while.
  if (error instanceof WaitPeriodNotYetEndedJwkError) return !lastFetchFailed;
  const isKeySetsFault =
    error instanceof FetchError ||
    error instanceof JwksValidationError ||
    error instanceof JwkValidationError;
  return error instanceof JwtBaseError && !isKeySetsFault;
}

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
