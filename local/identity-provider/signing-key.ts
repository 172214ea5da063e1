import { createHash, generateKeyPair } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { JWKS } from 'oidc-provider';

/**
 * Loads the private key that signs tokens, or creates it at the first start, so that tokens stay valid after a restart.
 * Only the file's owner can read it.
 */
export async function loadSigningKeys(stateFolder: string): Promise<JWKS> {
  const path = join(stateFolder, 'signing-keys.json');
  if (existsSync(path)) return parseKeys(readFileSync(path, 'utf8'), path);
  const keys = await generateKeys();
  mkdirSync(stateFolder, { recursive: true });
  // Written to a temporary file first, because a partial key would break every later start.
  writeFileSync(`${path}.new`, JSON.stringify(keys), { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return keys;
}

async function generateKeys(): Promise<JWKS> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const { n = '', e = '', ...secret } = privateKey.export({ format: 'jwk' });
  const kid = createHash('sha256').update(n).digest('base64url').slice(0, 16);
  return { keys: [{ ...secret, kty: 'RSA', n, e, kid, alg: 'RS256', use: 'sig' }] };
}

function parseKeys(text: string, path: string): JWKS {
  const stored: unknown = JSON.parse(text);
  const isSet =
    typeof stored === 'object' && stored !== null && 'keys' in stored && Array.isArray(stored.keys);
  if (!isSet) throw new Error(`${path} is not a key set. Delete it to create a new one.`);
  return stored as JWKS;
}
