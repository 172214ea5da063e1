import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { ENV } from '../../functions/shared/contract/environment.ts';
import { readStack } from '../../local/cloud/stack.ts';
import { NO_ISSUER, templateFor } from '../support/stack.ts';

const template = templateFor(NO_ISSUER);
const [poolId = ''] = Object.keys(template.findResources('AWS::Cognito::UserPool'));
const [clientId = ''] = Object.keys(template.findResources('AWS::Cognito::UserPoolClient'));
const [serverId = ''] = Object.keys(template.findResources('AWS::Cognito::UserPoolResourceServer'));
const ISSUER = ['https://cognito-idp.', { Ref: 'AWS::Region' }, '.amazonaws.com/', { Ref: poolId }];

describe('a stage without a token issuer', () => {
  it('creates a user pool where nobody can sign up', () => {
    template.hasResourceProperties('AWS::Cognito::UserPool', {
      UserPoolName: 'item-sync-test',
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
    });
  });

  it('creates a client for machines, whose tokens have the scopes that the API requires', () => {
    template.hasResourceProperties('AWS::Cognito::UserPoolResourceServer', {
      Identifier: 'item-sync',
      Scopes: [Match.objectLike({ ScopeName: 'sync' }), Match.objectLike({ ScopeName: 'read' })],
    });
    template.hasResourceProperties('AWS::Cognito::UserPoolClient', {
      GenerateSecret: true,
      AllowedOAuthFlows: ['client_credentials'],
      AllowedOAuthScopes: ['/sync', '/read'].map((scope) => ({
        'Fn::Join': ['', [{ Ref: serverId }, scope]],
      })),
    });
    expect(authorizerOf(template)).toMatchObject({
      [ENV.syncScope]: 'item-sync/sync',
      [ENV.readScope]: 'item-sync/read',
    });
  });

  it('accepts the tokens of that client in that pool', () => {
    expect(authorizerOf(template)).toMatchObject({
      [ENV.tokenIssuer]: { 'Fn::Join': ['', ISSUER] },
      [ENV.tokenAudience]: { Ref: clientId },
      [ENV.tokenJwksUri]: { 'Fn::Join': ['', [...ISSUER, '/.well-known/jwks.json']] },
    });
  });

  it('has a domain that is unique across accounts', () => {
    template.hasResourceProperties('AWS::Cognito::UserPoolDomain', {
      Domain: { 'Fn::Join': ['', ['item-sync-test-', { Ref: 'AWS::AccountId' }]] },
    });
  });

  it('has outputs for the token URL and the client, and none with a secret', () => {
    template.hasOutput('TokenUrl', {
      Value: { 'Fn::Join': ['', Match.arrayWith(['.amazoncognito.com/oauth2/token'])] },
    });
    template.hasOutput('UserPoolId', { Value: { Ref: poolId } });
    template.hasOutput('TokenClientId', { Value: { Ref: clientId } });
    expect(JSON.stringify(template.toJSON())).not.toContain('ClientSecret');
  });

  it('is listed by the embedded cloud as inert', () => {
    const { Resources, Outputs } = template.toJSON();
    const outputs = Object.entries<{ Value: unknown }>(Outputs).map(([name, { Value }]) => [name, Value]);
    const { inert } = readStack(
      {
        stackName: 'item-sync-test',
        resources: Resources,
        outputs: Object.fromEntries(outputs),
        assetFolders: new Map(),
      },
      { api: 'http://127.0.0.1:4510', aws: 'http://127.0.0.1:4566' },
    );
    const pool = inert.find(({ type }) => type === 'AWS::Cognito::UserPool');
    expect(pool?.reason).toContain('it issues no tokens here');
  });
});

describe('a stage with a token issuer', () => {
  const given = templateFor({ tokenJwksUri: 'https://issuer.example.com/keys' });

  it('accepts the tokens of that issuer', () => {
    expect(authorizerOf(given)).toMatchObject({
      [ENV.tokenIssuer]: 'https://issuer.example.com',
      [ENV.tokenAudience]: 'item-sync',
      [ENV.tokenJwksUri]: 'https://issuer.example.com/keys',
    });
  });

  it('creates no issuer', () => {
    expect(JSON.stringify(given.toJSON())).not.toContain('AWS::Cognito::');
    expect(given.findOutputs('TokenUrl')).toEqual({});
  });
});

function authorizerOf(from: typeof template): unknown {
  const functions = Object.values(from.findResources('AWS::Lambda::Function'));
  const authorizer = functions.find(
    ({ Properties }) => Properties.FunctionName === 'item-sync-test-authorize',
  );
  return authorizer?.['Properties'].Environment.Variables;
}
