import type {
  APIGatewayRequestAuthorizerEventV2,
  APIGatewaySimpleAuthorizerWithContextResult,
} from 'aws-lambda';
import { type Caller, type Scope, scopesOf } from '../auth/scopes.ts';
import { createTokenVerifier, type VerifyToken } from '../auth/token.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import { ROUTES } from '../shared/contract/routes.ts';
import { entryPoint, type Invocation } from '../shared/middleware.ts';
import { createRejectionLog } from '../shared/rejection-log.ts';

export interface AuthorizeDependencies {
  verify: VerifyToken;
  /** Anyone can cause rejections, so not every one is logged. */
  logRejection: ReturnType<typeof createRejectionLog>;
  /** Scopes that a token needs. Empty: the issuer's tokens have no scopes, and none is required. */
  scopes: Readonly<Record<Scope, string>>;
}

/**
 * The answer for a missing or invalid token. If API Gateway reads `errorMessage`, as others report, it answers 401. If it
 * does not, it reads `isAuthorized` and answers 403. An error would count as a failure of this function, and might be
 * answered with 500.
 */
const UNAUTHORIZED = { isAuthorized: false, errorMessage: 'Unauthorized' } as const;

type Decision = APIGatewaySimpleAuthorizerWithContextResult<Caller> | typeof UNAUTHORIZED;

/**
 * Verifies the bearer token of a request, and whether its scopes allow the route.
 * @throws Error if the key set of the issuer is not available, or the route has no scope. API Gateway answers 500.
 */
export async function authorize(
  { verify, logRejection, scopes, log }: AuthorizeDependencies & Invocation,
  { headers, routeKey }: Pick<APIGatewayRequestAuthorizerEventV2, 'headers' | 'routeKey'>,
): Promise<Decision> {
  const token = /^Bearer +(\S+)$/i.exec(headers?.['authorization'] ?? '')?.[1];
  const verification = token === undefined ? undefined : await verify(token);
  if (verification?.kind !== 'verified') {
    const why = verification?.why ?? 'NoBearerToken';
    logRejection(log, { message: 'rejected a request: invalid bearer token', why });
    return UNAUTHORIZED;
  }
  const { claims } = verification;
  const route = Object.values(ROUTES).find(({ method, path }) => `${method} ${path}` === routeKey);
  // Without a scope nobody may use the route: API Gateway answers 500.
  if (!route || route.scope === 'signature' || route.scope === 'none')
    throw new Error(`the route ${routeKey} has no scope`);
  const required = scopes[route.scope];
  const isAuthorized = required === '' || scopesOf(claims).includes(required);
  if (!isAuthorized) {
    const message = `rejected a request: its token lacks the ${route.scope} scope, which ${routeKey} requires`;
    logRejection(log, { message, why: `NoScope ${routeKey}` });
  }
  return { isAuthorized, context: { subject: claims.sub ?? String(claims['client_id'] ?? 'unknown') } };
}

export const handler = entryPoint((env: Environment) => {
  const config = readConfig(env, [
    'tokenIssuer',
    'tokenAudience',
    'tokenJwksUri',
    'tokenKeysMaxAgeMinutes',
    'tokenLeewaySeconds',
    'tokenMaxLifetimeHours',
    'syncScope',
    'readScope',
  ]);
  const verify = createTokenVerifier({
    issuer: config.tokenIssuer,
    audience: config.tokenAudience,
    jwksUri: config.tokenJwksUri,
    keysMaxAgeMinutes: config.tokenKeysMaxAgeMinutes,
    leewaySeconds: config.tokenLeewaySeconds,
    maxLifetimeHours: config.tokenMaxLifetimeHours,
  });
  return {
    verify,
    logRejection: createRejectionLog(),
    scopes: { sync: config.syncScope, read: config.readScope },
  };
}, authorize);
