import { assertStringArraysOverlap } from 'aws-jwt-verify/assert';
import { JwtBaseError, JwtExpiredError, JwtInvalidAudienceError } from 'aws-jwt-verify/error';
import type { JwtHeader, JwtPayload } from 'aws-jwt-verify/jwt-model';

export interface ClaimRules {
  audience: string;
  /** How far the clocks of the issuer and of this service may differ. */
  leewaySeconds: number;
  maxLifetimeHours: number;
}

/** Rejects a token that the library would accept. `why` is a literal for the log. */
export class TokenRejected extends JwtBaseError {
  readonly why: string;

  constructor(why: string) {
    super(why);
    this.why = why;
  }
}

/** Types of tokens that give access to an API. https://www.rfc-editor.org/rfc/rfc9068#section-2.1 */
const ACCESS_TOKEN_TYPES = ['JWT', 'AT+JWT', 'APPLICATION/AT+JWT'];

/** Values by which Keycloak (`typ`) and Amazon Cognito (`token_use`) mark access tokens. */
const ACCESS_TOKEN_MARKS: readonly unknown[] = ['Bearer', 'access'];

/** Claims that only ID tokens (OpenID Connect) and security events such as a logout (RFC 8417) have. */
const CLAIMS_OF_OTHER_TOKENS = ['at_hash', 'c_hash', 'events'];

/** @throws TokenRejected if the token requires an unknown extension, or is not an access token. */
export function assertHeader({ typ, crit }: JwtHeader): void {
  // No extensions are supported. https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11
  if (crit !== undefined) throw new TokenRejected('UnknownExtension');
  if (typ !== undefined && !ACCESS_TOKEN_TYPES.includes(String(typ).toUpperCase())) {
    throw new TokenRejected('NotAnAccessToken');
  }
}

/**
 * Checks what the library does not: that this is an access token for this audience, and that its lifetime is not too
 * long.
 * @throws JwtBaseError
 */
export function assertClaims(claims: JwtPayload, rules: ClaimRules): void {
  const { exp, iat, aud, client_id, typ, token_use } = claims;
  const isOther = CLAIMS_OF_OTHER_TOKENS.some((claim) => claims[claim] !== undefined);
  const marks = [typ, token_use].filter((mark) => mark !== undefined);
  if (isOther || marks.some((mark) => !ACCESS_TOKEN_MARKS.includes(mark))) {
    throw new TokenRejected('NotAnAccessToken');
  }
  if (exp === undefined) throw new JwtExpiredError('the token never expires', exp);
  const now = Date.now() / 1_000;
  if (iat !== undefined && iat - rules.leewaySeconds > now) throw new TokenRejected('TokenNotYetValid');
  if (exp - (iat ?? now) > rules.maxLifetimeHours * 3_600) throw new TokenRejected('LifetimeTooLong');
  // Amazon Cognito's machine-to-machine tokens have a client_id instead of an audience.
  assertStringArraysOverlap('Audience', aud ?? client_id, rules.audience, JwtInvalidAudienceError);
}
