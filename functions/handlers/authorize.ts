import type { JwtPayload } from 'aws-jwt-verify/jwt-model';
import type {
  APIGatewayRequestAuthorizerEventV2,
  APIGatewaySimpleAuthorizerWithContextResult,
} from 'aws-lambda';
import type { VerifyToken } from '../auth/token.ts';
import { createTokenVerifier } from '../auth/token.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import { ROUTES } from '../shared/contract/routes.ts';
import type { Invocation } from '../shared/middleware.ts';
import { entryPoint } from '../shared/middleware.ts';

/** What the routes get to know of the caller. */
export interface Caller {
  subject: string;
}

type Scope = (typeof ROUTES)[keyof typeof ROUTES]['scope'];

export interface AuthorizeDependencies {
  verify: VerifyToken;
  /** What a token must be allowed. Empty: the issuer's tokens have no scopes, and none is asked for. */
  scopes: Readonly<Record<Scope, string>>;
}

// API Gateway answers 401 to this message, and 500 to any other.
const UNAUTHORIZED = 'Unauthorized';

export async function authorize(
  { verify, scopes, log }: AuthorizeDependencies & Invocation,
  { headers, routeKey }: Pick<APIGatewayRequestAuthorizerEventV2, 'headers' | 'routeKey'>,
): Promise<APIGatewaySimpleAuthorizerWithContextResult<Caller>> {
  const token = /^Bearer +(\S+)$/i.exec(headers?.['authorization'] ?? '')?.[1];
  const verification = token === undefined ? undefined : await verify(token);
  if (verification?.kind !== 'verified') {
    log.info('refused a request: its bearer token is not good', {
      why: verification?.why ?? 'NoBearerToken',
    });
    throw new Error(UNAUTHORIZED);
  }
  const { claims } = verification;
  const needed = scopeOf(routeKey);
  const isAuthorized = scopes[needed] === '' || scopesOf(claims).includes(scopes[needed]);
  if (!isAuthorized)
    log.info(`refused a request: its token lacks the ${needed} scope that ${routeKey} asks for`);
  return { isAuthorized, context: { subject: claims.sub ?? String(claims['client_id'] ?? 'unknown') } };
}

/** @throws Error for a route that nobody gave a scope: API Gateway answers 500, and lets nobody in. */
function scopeOf(routeKey: string): Scope {
  const route = Object.values(ROUTES).find(({ method, path }) => `${method} ${path}` === routeKey);
  if (!route) throw new Error(`the route ${routeKey} has no scope`);
  return route.scope;
}

/** Issuers write scopes as one text or as a list, under either name. */
function scopesOf({ scope, scp }: JwtPayload): string[] {
  const granted: unknown = scope ?? scp ?? [];
  return Array.isArray(granted) ? granted.map(String) : String(granted).split(' ');
}

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
