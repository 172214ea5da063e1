import {
  errors,
  type KoaContextWithOIDC,
  type default as Provider,
  type ResourceServer,
  type TokenEndpointGrantContext,
} from 'oidc-provider';

/** The API that tokens are for, as a resource of oidc-provider. Tokens contain its audience instead. */
export const RESOURCE = 'urn:item-synchronization:api';

export interface GrantSettings {
  /** Empty for tokens without scope. */
  scopes: readonly string[];
  user: { name: string; password: string };
  resourceServer: ResourceServer;
}

interface PasswordParameters {
  username?: string;
  password?: string;
}

type GrantContext = TokenEndpointGrantContext<PasswordParameters>;

/**
 * Adds `client_credentials`. Unlike oidc-provider's own implementation, a request without scope gets all scopes, like in
 * Cognito, and an unknown scope is an error.
 */
export function addClientCredentialsGrant(provider: Provider, settings: GrantSettings): void {
  const handle = async (ctx: GrantContext): Promise<void> => {
    const token = new provider.ClientCredentials({
      client: ctx.oidc.client,
      scope: grantedScope(ctx.oidc.params.scope, settings.scopes),
      resourceServer: new provider.ResourceServer(RESOURCE, settings.resourceServer),
    });
    ctx.oidc.entity('ClientCredentials', token);
    answer(ctx, {
      access_token: await token.save(),
      expires_in: token.expiration,
      scope: token.scope,
      token_type: token.tokenType,
    });
  };
  provider.registerGrantType<PasswordParameters>('client_credentials', handle, ['scope']);
}

/** Adds the password grant (RFC 6749 section 4.3), which the operators' command line uses. */
export function addPasswordGrant(provider: Provider, settings: GrantSettings): void {
  const handle = async (ctx: GrantContext): Promise<void> => {
    const { client, params } = ctx.oidc;
    const { user } = settings;
    if (params.username === undefined || params.password === undefined) {
      throw new errors.InvalidRequest('username and password are required');
    }
    if (params.username !== user.name || params.password !== user.password) {
      throw new errors.InvalidGrant('wrong username or password');
    }
    const scope = grantedScope(params.scope, settings.scopes);
    const grant = new provider.Grant({ accountId: user.name, clientId: client.clientId });
    grant.addResourceScope(RESOURCE, scope);
    const common = { client, accountId: user.name, grantId: await grant.save(), gty: 'password', scope };

    const resourceServer = new provider.ResourceServer(RESOURCE, settings.resourceServer);
    const accessToken = new provider.AccessToken({ ...common, resourceServer });
    const refreshToken = new provider.RefreshToken({ ...common, resource: RESOURCE });
    ctx.oidc.entity('AccessToken', accessToken);
    ctx.oidc.entity('RefreshToken', refreshToken);
    answer(ctx, {
      scope,
      expires_in: accessToken.expiration,
      token_type: accessToken.tokenType,
      refresh_token: await refreshToken.save(),
      access_token: await accessToken.save(),
    });
  };
  provider.registerGrantType<PasswordParameters>('password', handle, ['username', 'password', 'scope']);
}

function answer(ctx: KoaContextWithOIDC, body: Readonly<Record<string, unknown>>): void {
  ctx.body = body;
}

/**
 * The requested scopes, or all if none are requested.
 *
 * @throws InvalidScope when a requested scope is not offered.
 */
function grantedScope(requested: string | undefined, offered: readonly string[]): string {
  const names = (requested ?? '').split(' ').filter((name) => name !== '');
  const unknown = names.find((name) => !offered.includes(name));
  if (unknown !== undefined) throw new errors.InvalidScope('requested scope is not offered', unknown);
  return names.length === 0 ? offered.join(' ') : [...new Set(names)].join(' ');
}
