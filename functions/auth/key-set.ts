import { JwtInvalidSignatureAlgorithmError, JwtInvalidSignatureError } from 'aws-jwt-verify/error';
import type { JwksCache, JwkWithKid } from 'aws-jwt-verify/jwk';
import { decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt';

interface Algorithm {
  /** The kind of key that signs by it, and on which curves. */
  kty: string;
  curves?: readonly string[];
  /** How long its signatures are, where that does not depend on the key. */
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
 * The same keys, but for tokens that cannot be by the key that they name: a key need not say by which algorithm it
 * signs, and the verifier then takes the token's word for it. Node's crypto has errors of its own for such a pair,
 * which would look like trouble on our side.
 */
export function onlyFitting(keys: JwksCache): JwksCache {
  return {
    getJwk: async (uri, token) => fitting(await keys.getJwk(uri, token), token.header.alg),
    getCachedJwk: (uri, token) => fitting(keys.getCachedJwk(uri, token), token.header.alg),
    getJwks: (uri) => keys.getJwks(uri),
    addJwks: (uri, jwks) => keys.addJwks(uri, jwks),
  };
}

function fitting(key: JwkWithKid, alg: string | undefined): JwkWithKid {
  const { kty, curves } = ALGORITHMS[String(alg)] ?? {};
  const isOnCurve = curves === undefined || curves.some((curve) => curve === key['crv']);
  if (kty !== key.kty || !isOnCurve) {
    throw new JwtInvalidSignatureAlgorithmError('the key does not sign by this algorithm', alg);
  }
  return key;
}

/** @throws JwtBaseError for a text that is no JWT, and for a signature that Node's crypto would not even try. */
export function assertSignatureLength(token: string): void {
  const { header, signatureB64 } = decomposeUnverifiedJwt(token);
  const { signatureBytes } = ALGORITHMS[String(header.alg)] ?? {};
  if (signatureBytes === undefined) return;
  if (Buffer.from(signatureB64, 'base64url').length !== signatureBytes) {
    throw new JwtInvalidSignatureError('the signature is not as long as those of its algorithm');
  }
}
