import { JwtVerifier } from 'aws-jwt-verify';
import { assertStringArraysOverlap } from 'aws-jwt-verify/assert';
import {
  FetchError,
  JwksValidationError,
  JwkValidationError,
  JwtBaseError,
  JwtExpiredError,
  JwtInvalidAudienceError,
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
  /** The token is not good: whoever sent it must get another. */
  | { kind: 'rejected'; why: string };

export type VerifyToken = (token: string) => Promise<Verification>;

/**
 * Verifies signature, issuer, audience, expiry and not-before. Keys are fetched on first use and kept.
 * The function that it returns throws when the key set cannot be had: that says nothing about the token.
 */
export function createTokenVerifier({ issuer, audience, jwksUri }: TokenRules): VerifyToken {
  const fetcher = rememberingFetcher(
    jwksUri.startsWith('http:') ? { fetch: fetchOverHttp } : new SimpleFetcher(),
  );
  const verifier = JwtVerifier.create(
    {
      issuer,
      jwksUri,
      // Tokens of Amazon Cognito for machines have a client_id in place of an audience: checked below.
      audience: null,
      customJwtCheck: ({ payload }) => {
        assertHasExpiry(payload);
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
      if (!isTokensFault(error, fetcher.lastFetchFailed())) throw error;
      return { kind: 'rejected', why: error.constructor.name };
    }
  };
}

function assertHasExpiry({ exp }: JwtPayload): void {
  if (exp === undefined) throw new JwtExpiredError('the token never expires', exp);
}

function isTokensFault(error: unknown, lastFetchFailed: boolean): error is JwtBaseError {
  // After a key id that the key set does not have, keys are not fetched again for a while.
  if (error instanceof WaitPeriodNotYetEndedJwkError) return !lastFetchFailed;
  const isKeySetsFault =
    error instanceof FetchError ||
    error instanceof JwksValidationError ||
    error instanceof JwkValidationError;
  return error instanceof JwtBaseError && !isKeySetsFault;
}

function rememberingFetcher(fetcher: Fetcher): Fetcher & { lastFetchFailed: () => boolean } {
  let failed = false;
  return {
    lastFetchFailed: () => failed,
    fetch: async (uri) => {
      failed = true;
      const body = await fetcher.fetch(uri);
      failed = false;
      return body;
    },
  };
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
