import { Aws, Duration, Stack, Validations } from 'aws-cdk-lib';
import {
  AccountRecovery,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  UserPool,
  type UserPoolClient,
  type UserPoolDomain,
  type UserPoolResourceServer,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { resourceNames } from '../functions/shared/contract/names.ts';
import { protectionOf } from './protection.ts';
import type { Settings } from './settings.ts';
import { defaultJwksUri, RESOURCE_SERVER, type TokenRules } from './token-settings.ts';

/** The issuer of a stage that names no other: an Amazon Cognito user pool that issues tokens by client_credentials. */
export class TokenIssuer extends Construct {
  readonly tokenRules: TokenRules;
  readonly tokenUrl: string;
  readonly userPoolId: string;
  readonly clientId: string;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const pool = createUserPool(this, settings);
    const client = createMachineClient(pool, createResourceServer(pool));
    const issuer = `https://cognito-idp.${Stack.of(this).region}.amazonaws.com/${pool.userPoolId}`;
    this.tokenUrl = `${createDomain(pool, settings).baseUrl()}/oauth2/token`;
    this.userPoolId = pool.userPoolId;
    this.clientId = client.userPoolClientId;
    // Cognito's access tokens have no aud; the client id takes its place.
    this.tokenRules = { issuer, audience: client.userPoolClientId, jwksUri: defaultJwksUri(issuer) };
  }
}

function createUserPool(scope: Construct, settings: Settings): UserPool {
  const { deletionProtection, removalPolicy } = protectionOf(settings);
  const pool = new UserPool(scope, 'UserPool', {
    userPoolName: resourceNames(settings.stage).userPool,
    selfSignUpEnabled: false,
    accountRecovery: AccountRecovery.NONE,
    mfa: Mfa.REQUIRED,
    mfaSecondFactor: { sms: false, otp: true },
    passwordPolicy: {
      minLength: 12,
      requireLowercase: true,
      requireUppercase: true,
      requireDigits: true,
      requireSymbols: true,
    },
    deletionProtection,
    removalPolicy,
  });
  Validations.of(pool).acknowledge({
    id: 'AwsSolutions-COG8',
    reason: 'The plus plan protects interactive sign-ins. Only machines use this pool.',
  });
  return pool;
}

interface ResourceServer {
  server: UserPoolResourceServer;
  scopes: ResourceServerScope[];
}

function createResourceServer(pool: UserPool): ResourceServer {
  const scopes = [
    new ResourceServerScope({ scopeName: 'sync', scopeDescription: 'start runs' }),
    new ResourceServerScope({ scopeName: 'read', scopeDescription: 'read items' }),
  ];
  return { server: pool.addResourceServer('Api', { identifier: RESOURCE_SERVER, scopes }), scopes };
}

function createMachineClient(pool: UserPool, { server, scopes }: ResourceServer): UserPoolClient {
  return pool.addClient('Machine', {
    userPoolClientName: 'machine',
    generateSecret: true,
    oAuth: {
      flows: { clientCredentials: true },
      scopes: scopes.map((scope) => OAuthScope.resourceServer(server, scope)),
    },
    accessTokenValidity: Duration.hours(1),
  });
}

function createDomain(pool: UserPool, { stage }: Settings): UserPoolDomain {
  // Domain names are unique within a region, across accounts.
  return pool.addDomain('Domain', {
    cognitoDomain: { domainPrefix: `${resourceNames(stage).userPool}-${Aws.ACCOUNT_ID}` },
  });
}
