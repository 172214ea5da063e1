import type { Jwk } from 'aws-jwt-verify/jwk';

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
 * Whether a key may verify signatures of an algorithm. A key may omit its algorithm. Its type and curve are always
 * checked, because a token must not decide how a key is used.
 */
export function isForAlgorithm(jwk: Jwk, alg: string): boolean {
  const { kty, curves } = ALGORITHMS[alg] ?? {};
  const isOnCurve = curves === undefined || curves.some((curve) => curve === jwk.crv);
  return kty === jwk.kty && isOnCurve && (jwk.alg ?? alg) === alg;
}

/** Node's crypto throws for signatures of any other length, which would look like a failure of this service. */
export function hasSignatureLength(signature: string, alg: string): boolean {
  const { signatureBytes } = ALGORITHMS[alg] ?? {};
  return signatureBytes === undefined || Buffer.from(signature, 'base64url').length === signatureBytes;
}
