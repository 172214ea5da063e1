import type { JwtPayload } from 'aws-jwt-verify/jwt-model';
import type {
  APIGatewayRequestAuthorizerEventV2,
  APIGatewaySimpleAuthorizerWithContextResult,
} from 'aws-lambda';
import { ENV } from '../../contract.ts';
import type { Invocation } from '../../runtime/entry-point.ts';
import type { VerifyToken } from './token.ts';

/** What the routes get to know of the caller. */
export interface Caller {
  subject: string;
}

export interface AuthorizeDependencies {
  verify: VerifyToken;
  /** Empty: the issuer's tokens have no scopes, and none is asked for. */
  syncScope: string;
}

// API Gateway answers 401 to this message, and 500 to any other.
const UNAUTHORIZED = 'Unauthorized';

export async function authorize(
  { verify, syncScope, log }: AuthorizeDependencies & Invocation,
  { headers }: Pick<APIGatewayRequestAuthorizerEventV2, 'headers'>,
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
  const isAuthorized = syncScope === '' || scopesOf(claims).includes(syncScope);
  if (!isAuthorized) log.info(`refused a request: its token lacks the scope that ${ENV.syncScope} asks for`);
  return { isAuthorized, context: { subject: claims.sub ?? String(claims['client_id'] ?? 'unknown') } };
}

/** Issuers write scopes as one text or as a list, under either name. */
function scopesOf({ scope, scp }: JwtPayload): string[] {
  const granted: unknown = scope ?? scp ?? [];
  return Array.isArray(granted) ? granted.map(String) : String(granted).split(' ');
}
