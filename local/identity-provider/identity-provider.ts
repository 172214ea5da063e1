import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import Provider, {
  type AdapterFactory,
  type Configuration,
  errors,
  type JWKS,
  type ResourceServer,
} from 'oidc-provider';
import { closeServer, createLoopbackServer, HOST } from '../loopback-server.ts';
import { createGrantStore } from './grant-store.ts';
import { addClientCredentialsGrant, addPasswordGrant, type GrantSettings, RESOURCE } from './grants.ts';
import { loadSigningKeys } from './signing-key.ts';

export interface IdentityProviderOptions {
  /** 0 means any free port. */
  port: number;
  /** The `aud` of every token. */
  audience: string;
  /** The scopes on offer. A request without scope gets all of them. */
  scopes: readonly string[];
  client: { id: string; secret: string };
  user: { name: string; password: string };
  /** Stores the signing key and the refresh tokens, so that tokens survive a restart. */
  stateFolder: string;
  /** The time for receiving a request. Default: that of `createLoopbackServer`. */
  requestLimitMs?: number | undefined;
}

export interface IdentityProvider {
  issuer: string;
  jwksUri: string;
  tokenUrl: string;
  /** The token endpoint under the path of the operators' command lines. The realm is ignored. */
  operatorsTokenUrl: string;
  close(): Promise<void>;
}

const TOKEN_PATH = '/token';
const OPERATORS_TOKEN_PATH = '/auth/oauth2/access_token';
const OPERATORS_REALM = '?realm=%2Fsbac';
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 24 * HOUR_SECONDS;

/** IdToken, Interaction and Session are unused, but oidc-provider warns about its defaults when they are missing. */
const LIFETIMES_SECONDS: NonNullable<Configuration['ttl']> = {
  AccessToken: HOUR_SECONDS,
  ClientCredentials: HOUR_SECONDS,
  RefreshToken: 30 * DAY_SECONDS,
  Grant: 30 * DAY_SECONDS,
  IdToken: HOUR_SECONDS,
  Interaction: 600,
  Session: DAY_SECONDS,
};

/**
 * Starts an OpenID provider with one client and one user on the loopback interface. It issues RS256 JWTs for the grant
 * types `client_credentials`, `password` and `refresh_token`.
 *
 * @throws Error with code `EADDRINUSE` when the port is in use.
 */
export async function startIdentityProvider(options: IdentityProviderOptions): Promise<IdentityProvider> {
  const handler = Promise.withResolvers<RequestListener>();
  const server = createLoopbackServer({ requestLimitMs: options.requestLimitMs }, (request, response) => {
    void handler.promise.then((handle) => handle(request, response));
  });
  // Listen first, because the issuer contains the port.
  const issuer = await listen(server, options.port);
  try {
    const signingKeys = await loadSigningKeys(options.stateFolder);
    const provider = createProvider({
      options,
      issuer,
      signingKeys,
      store: createGrantStore(options.stateFolder),
    });
    handler.resolve(acceptOperatorsPath(provider.callback()));
  } catch (error) {
    await closeServer(server);
    throw error;
  }
  return {
    issuer,
    jwksUri: `${issuer}/jwks`,
    tokenUrl: `${issuer}${TOKEN_PATH}`,
    operatorsTokenUrl: `${issuer}${OPERATORS_TOKEN_PATH}${OPERATORS_REALM}`,
    close: () => closeServer(server),
  };
}

interface ProviderParts {
  options: IdentityProviderOptions;
  issuer: string;
  signingKeys: JWKS;
  store: AdapterFactory;
}

function createProvider({ options, issuer, signingKeys, store }: ProviderParts): Provider {
  const resourceServer: ResourceServer = {
    audience: options.audience,
    scope: options.scopes.join(' '),
    accessTokenFormat: 'jwt',
    accessTokenTTL: HOUR_SECONDS,
    jwt: { sign: { alg: 'RS256' } },
  };
  const provider = new Provider(issuer, {
    adapter: store,
    jwks: signingKeys,
    clients: [clientOf(options)],
    scopes: [...options.scopes],
    // Enables the refresh_token grant. The password grant issues its refresh tokens itself.
    issueRefreshToken: () => true,
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    responseTypes: [],
    routes: { token: TOKEN_PATH, jwks: '/jwks' },
    // Required, although nobody signs in with a browser here.
    cookies: { keys: [randomBytes(32).toString('hex')] },
    ttl: LIFETIMES_SECONDS,
    features: features(resourceServer),
  });
  const settings: GrantSettings = { scopes: options.scopes, user: options.user, resourceServer };
  addClientCredentialsGrant(provider, settings);
  addPasswordGrant(provider, settings);
  return provider;
}

function clientOf({
  client,
  scopes,
}: IdentityProviderOptions): NonNullable<Configuration['clients']>[number] {
  return {
    client_id: client.id,
    client_secret: client.secret,
    grant_types: ['client_credentials', 'password', 'refresh_token'],
    redirect_uris: [],
    response_types: [],
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
  };
}

function features(resourceServer: ResourceServer): NonNullable<Configuration['features']> {
  return {
    devInteractions: { enabled: false },
    userinfo: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => RESOURCE,
      useGrantedResource: () => true,
      getResourceServerInfo(_, resource) {
        if (resource !== RESOURCE) throw new errors.InvalidTarget();
        return resourceServer;
      },
    },
  };
}

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

function acceptOperatorsPath(handle: Handler): Handler {
  return (request, response) => {
    const url = request.url ?? '/';
    if (url.split('?', 1)[0] === OPERATORS_TOKEN_PATH) request.url = TOKEN_PATH;
    return handle(request, response);
  };
}

async function listen(server: Server, port: number): Promise<string> {
  // `once` rejects with the server's error, including its code.
  const listening = once(server, 'listening');
  server.listen(port, HOST);
  await listening;
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('The server is not listening on a port.');
  return `http://${HOST}:${address.port}`;
}
