import { createHash, generateKeyPair } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { JWKS } from 'oidc-provider';
import * as z from 'zod';
import { makePrivateFolder, readStateFile, replaceFile } from '../files.ts';

const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

/**
 * Loads the private key that signs tokens, or creates it at the first start, so that tokens stay valid after a restart.
 * Only the file's owner can read it.
 */
export async function loadSigningKeys(stateFolder: string): Promise<JWKS> {
  const path = join(stateFolder, 'signing-keys.json');
  if (existsSync(path)) return readStateFile(path, KeySet);
  const keys = await generateKeys();
  makePrivateFolder(stateFolder);
  replaceFile(path, JSON.stringify(keys));
  return keys;
}

async function generateKeys(): Promise<JWKS> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const { n = '', e = '', ...secret } = privateKey.export({ format: 'jwk' });
  const kid = createHash('sha256').update(n).digest('base64url').slice(0, 16);
  return { keys: [{ ...secret, kty: 'RSA', n, e, kid, alg: 'RS256', use: 'sig' }] };
}
