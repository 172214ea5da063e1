import { type Environment, readConfig } from '../runtime/config.ts';
import { entryPoint } from '../runtime/entry-point.ts';
import { type AuthorizeDependencies, authorize } from './steps/authorize.ts';
import { createTokenVerifier } from './steps/token.ts';

function authorizeDependencies(env: Environment): AuthorizeDependencies {
  const config = readConfig(env, ['tokenIssuer', 'tokenAudience', 'tokenJwksUri', 'syncScope', 'readScope']);
  const verify = createTokenVerifier({
    issuer: config.tokenIssuer,
    audience: config.tokenAudience,
    jwksUri: config.tokenJwksUri,
  });
  return { verify, scopes: { sync: config.syncScope, read: config.readScope } };
}

export const handler = entryPoint(authorizeDependencies, authorize);
