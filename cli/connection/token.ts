import * as z from 'zod';
import { TokenError } from '../api/errors.ts';
import { parseJson, type Send } from '../api/http.ts';
import type { Credentials } from './connection.ts';
import { Secret } from './secret.ts';

/** Gets a token when one is needed, and a new one before it expires. It is kept in memory only. */
export interface TokenSource {
  token(): Promise<Secret>;
}

export interface IssuedToken {
  token: Secret;
  /** Absent if the issuer does not give it. */
  expiresInSeconds?: number | undefined;
}

/** A request takes up to half a minute, and clocks differ. */
const RENEW_BEFORE_SECONDS = 60;

export function createTokenSource(credentials: Credentials, send: Send): TokenSource {
  if (credentials.kind === 'token') return { token: async () => credentials.token };
  let current: { token: Secret; renewAtMs: number } | undefined;
  // Requests that are sent at the same time share one, because issuers limit and charge for tokens.
  let pending: Promise<Secret> | undefined;
  const renew = async (): Promise<Secret> => {
    const { token, expiresInSeconds = Number.POSITIVE_INFINITY } = await requestToken(credentials, send);
    current = { token, renewAtMs: performance.now() + (expiresInSeconds - RENEW_BEFORE_SECONDS) * 1_000 };
    return token;
  };
  return {
    async token() {
      if (current !== undefined && performance.now() < current.renewAtMs) return current.token;
      pending ??= renew().finally(() => {
        pending = undefined;
      });
      return pending;
    },
  };
}

// Some issuers write the number as text. Without a usable one, the token is used until the API rejects it.
const Answer = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive().optional().catch(undefined),
});

/** @throws TokenError, UnreachableError */
export async function requestToken(
  credentials: Exclude<Credentials, { kind: 'token' }>,
  send: Send,
): Promise<IssuedToken> {
  const { status, text } = await send(credentials.tokenUrl, { method: 'POST', body: formOf(credentials) });
  const answer = Answer.safeParse(parseJson(text));
  if (status === 200 && answer.success) {
    return { token: new Secret(answer.data.access_token), expiresInSeconds: answer.data.expires_in };
  }
  const reason = codeOf(text) ?? (status === 200 ? 'an answer without a token' : `status ${status}`);
  throw new TokenError(
    `The issuer at ${credentials.tokenUrl} issued no token: ${reason}. ${adviceOn(reason)}`,
  );
}

/** In the body, as every issuer of docs/api.md accepts them. https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 */
function formOf(credentials: Exclude<Credentials, { kind: 'token' }>): URLSearchParams {
  const { clientId, clientSecret, scope } = credentials;
  return new URLSearchParams({
    ...(credentials.kind === 'client'
      ? { grant_type: 'client_credentials' }
      : {
          grant_type: 'password',
          username: credentials.username,
          password: credentials.password.reveal(),
        }),
    ...(clientId !== undefined && { client_id: clientId }),
    ...(clientSecret !== undefined && { client_secret: clientSecret.reveal() }),
    ...(scope !== undefined && { scope }),
  });
}

/** The codes of https://www.rfc-editor.org/rfc/rfc6749#section-5.2, and what to do about each. */
const ADVICE: Readonly<Record<string, string>> = {
  invalid_client: 'Check the client id and the client secret.',
  invalid_grant: 'Check the user name and the password.',
  invalid_scope: 'Check the scope, or leave it out to get all scopes of the client.',
  unauthorized_client: 'The issuer does not allow this grant for the client.',
  unsupported_grant_type: 'The issuer does not offer this grant: use another one.',
  invalid_request: 'Check the token URL, the client id and the user name.',
};

const adviceOn = (reason: string): string => ADVICE[reason] ?? 'Check the token URL.';

function codeOf(text: string): string | undefined {
  const answer = z.object({ error: z.string() }).safeParse(parseJson(text));
  return answer.success && Object.hasOwn(ADVICE, answer.data.error) ? answer.data.error : undefined;
}
