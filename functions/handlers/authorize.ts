import type {
  APIGatewayRequestAuthorizerEventV2,
  APIGatewaySimpleAuthorizerWithContextResult,
} from 'aws-lambda';
import { type Caller, type Scope, scopesOf } from '../auth/scopes.ts';
import { createTokenVerifier, type VerifyToken } from '../auth/token.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import { ROUTES } from '../shared/contract/routes.ts';
import { entryPoint, type Invocation } from '../shared/middleware.ts';

export interface AuthorizeDependencies {
  verify: VerifyToken;
  /** Scopes that a token needs. Empty: the issuer's tokens have no scopes, and none is required. */
  scopes: Readonly<Record<Scope, string>>;
}

// API Gateway answers 401 for an error with this message, and 500 for any other.
const UNAUTHORIZED = 'Unauthorized';

/**
 * Verifies the bearer token of a request, and whether its scopes allow the route.
 * @throws Error `Unauthorized` for a missing or invalid token (401); any other error becomes a 500.
 */
export async function authorize(
  { verify, scopes, log }: AuthorizeDependencies & Invocation,
  { headers, routeKey }: Pick<APIGatewayRequestAuthorizerEventV2, 'headers' | 'routeKey'>,
): Promise<APIGatewaySimpleAuthorizerWithContextResult<Caller>> {
  const token = /^Bearer +(\S+)$/i.exec(headers?.['authorization'] ?? '')?.[1];
  const verification = token === undefined ? undefined : await verify(token);
  if (verification?.kind !== 'verified') {
    log.info('rejected a request: invalid bearer token', { why: verification?.why ?? 'NoBearerToken' });
    throw new Error(UNAUTHORIZED);
  }
  const { claims } = verification;
  const route = Object.values(ROUTES).find(({ method, path }) => `${method} ${path}` === routeKey);
  // Without a scope nobody may use the route: API Gateway answers 500.
  if (!route) throw new Error(`the route ${routeKey} has no scope`);
  const required = scopes[route.scope];
  const isAuthorized = required === '' || scopesOf(claims).includes(required);
  if (!isAuthorized) {
    log.info(`rejected a request: its token lacks the ${route.scope} scope, which ${routeKey} requires`);
  }
  return { isAuthorized, context: { subject: claims.sub ?? String(claims['client_id'] ?? 'unknown') } };
}

export const handler = entryPoint((env: Environment) => {
  const config = readConfig(env, ['tokenIssuer', 'tokenAudience', 'tokenJwksUri', 'syncScope', 'readScope']);
  const verify = createTokenVerifier({
    issuer: config.tokenIssuer,
    audience: config.tokenAudience,
    jwksUri: config.tokenJwksUri,
  });
  return { verify, scopes: { sync: config.syncScope, read: config.readScope } };
}, authorize);
