/** How tokens are verified. */
export interface TokenRules {
  issuer: string;
  audience: string;
  jwksUri: string;
}

/** The resource server of the stack's own issuer, and its scopes. */
export const RESOURCE_SERVER = 'item-sync';
export const OWN_SCOPES = { sync: `${RESOURCE_SERVER}/sync`, read: `${RESOURCE_SERVER}/read` };

type Optional<Name extends string> = { [name in Name]?: string | undefined };
type TokenSettings = Optional<'tokenIssuer' | 'tokenAudience' | 'tokenJwksUri'>;
type Given = TokenSettings & Optional<'stage' | 'syncScope' | 'readScope'>;

interface Fault {
  setting: keyof Given;
  message: string;
}

// Amazon Cognito refuses domain prefixes that contain these words.
// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
const RESERVED_WORDS = ['aws', 'amazon', 'cognito'];

/** Faults in the combination of the token settings. Issuer and audience go together: both are given, or neither. */
export function faultsOfTokenSettings(given: Given): Fault[] {
  const { tokenIssuer, tokenAudience, tokenJwksUri } = given;
  if (tokenIssuer !== undefined) {
    return tokenAudience === undefined
      ? [{ setting: 'tokenAudience', message: 'goes with tokenIssuer' }]
      : [];
  }
  const isMissing = tokenAudience !== undefined || tokenJwksUri !== undefined;
  return isMissing
    ? [{ setting: 'tokenIssuer', message: 'goes with tokenAudience and tokenJwksUri' }]
    : faultsWithOwnIssuer(given);
}

function faultsWithOwnIssuer({ stage, syncScope, readScope }: Given): Fault[] {
  const faults: Fault[] = [];
  if (RESERVED_WORDS.some((word) => stage?.includes(word))) {
    faults.push({
      setting: 'stage',
      message: `without tokenIssuer must not contain ${RESERVED_WORDS.join(', ')}`,
    });
  }
  if (syncScope !== OWN_SCOPES.sync) faults.push({ setting: 'syncScope', message: 'goes with tokenIssuer' });
  if (readScope !== OWN_SCOPES.read) faults.push({ setting: 'readScope', message: 'goes with tokenIssuer' });
  return faults;
}

/** @returns `undefined` if the stack creates an issuer of its own. */
export function tokenRulesOf({
  tokenIssuer,
  tokenAudience,
  tokenJwksUri,
}: TokenSettings): TokenRules | undefined {
  if (tokenIssuer === undefined || tokenAudience === undefined) return undefined;
  const jwksUri = tokenJwksUri ?? defaultJwksUri(tokenIssuer);
  return { issuer: tokenIssuer, audience: tokenAudience, jwksUri };
}

export const defaultJwksUri = (issuer: string): string =>
  `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`;
