import { JwtInvalidSignatureAlgorithmError, JwtInvalidSignatureError } from 'aws-jwt-verify/error';
import type { JwksCache, JwkWithKid } from 'aws-jwt-verify/jwk';
import { decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt';

interface Algorithm {
  /** Key type, and the curves that the algorithm allows. */
  kty: string;
  curves?: readonly string[];
  /** Length of its signatures, unless that depends on the key. */
  signatureBytes?: number;
}

const RSA: Algorithm = { kty: 'RSA' };

/** https://www.rfc-editor.org/rfc/rfc7518#section-3.4, https://www.rfc-editor.org/rfc/rfc8037#section-3.1 */
const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  RS256: RSA,
  RS384: RSA,
  RS512: RSA,
  ES256: { kty: 'EC', curves: ['P-256'], signatureBytes: 64 },
  ES384: { kty: 'EC', curves: ['P-384'], signatureBytes: 96 },
  ES512: { kty: 'EC', curves: ['P-521'], signatureBytes: 132 },
  EdDSA: { kty: 'OKP', curves: ['Ed25519', 'Ed448'] },
};

/**
 * Rejects a token whose algorithm does not fit the key that it names. A key need not state its algorithm, and then the
 * verifier trusts the token's. Node's crypto throws errors of its own for such a pair, which would look like a failure
 * of this service.
 */
export function onlyFitting(keys: JwksCache): JwksCache {
  const fitting = (key: JwkWithKid, alg: string | undefined): JwkWithKid => {
    const { kty, curves } = ALGORITHMS[String(alg)] ?? {};
    const isOnCurve = curves === undefined || curves.some((curve) => curve === key['crv']);
    if (kty === key.kty && isOnCurve) return key;
    throw new JwtInvalidSignatureAlgorithmError('the key does not sign with this algorithm', alg);
  };
  return {
    getJwk: async (uri, token) => fitting(await keys.getJwk(uri, token), token.header.alg),
    getCachedJwk: (uri, token) => fitting(keys.getCachedJwk(uri, token), token.header.alg),
    getJwks: (uri) => keys.getJwks(uri),
    addJwks: (uri, jwks) => keys.addJwks(uri, jwks),
  };
}

/** @throws JwtBaseError for a text that is not a JWT, and for a signature whose length Node's crypto does not accept. */
export function assertSignatureLength(token: string): void {
  const { header, signatureB64 } = decomposeUnverifiedJwt(token);
  const { signatureBytes } = ALGORITHMS[String(header.alg)] ?? {};
  if (signatureBytes === undefined) return;
  if (Buffer.from(signatureB64, 'base64url').length !== signatureBytes) {
    throw new JwtInvalidSignatureError('the signature does not have the length of its algorithm');
  }
}
