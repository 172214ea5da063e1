import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

export interface FixtureResource {
  Type: string;
  Properties?: Record<string, unknown>;
}

export interface Fixture {
  resources: Record<string, FixtureResource>;
  outputs?: Record<string, { Value: unknown }>;
  /** Source of `index.mjs`, by the name of its asset. */
  assets?: Record<string, string>;
}

/** Creates a folder that is deleted when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'cloud-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a cloud assembly of one stack as `cdk synth` does, and returns its folder. */
export async function writeAssembly({ resources, outputs = {}, assets = {} }: Fixture): Promise<string> {
  const folder = await temporaryFolder();
  const files: Record<string, object> = {};
  for (const [name, source] of Object.entries(assets)) {
    await mkdir(path.join(folder, `asset.${name}`));
    await writeFile(path.join(folder, `asset.${name}`, 'index.mjs'), source);
    files[name] = { source: { path: `asset.${name}` }, destinations: { here: { objectKey: `${name}.zip` } } };
  }
  const artifacts = {
    Fixture: { type: 'aws:cloudformation:stack', properties: { templateFile: 'Fixture.template.json' } },
    Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } },
  };
  const template = {
    Resources: resources,
    Outputs: outputs,
    Parameters: { BootstrapVersion: {} },
    Rules: {},
  };
  await writeFile(path.join(folder, 'manifest.json'), JSON.stringify({ artifacts }));
  await writeFile(path.join(folder, 'Fixture.template.json'), JSON.stringify(template));
  await writeFile(path.join(folder, 'Fixture.assets.json'), JSON.stringify({ files }));
  return folder;
}

/** A function resource with the asset of that name. */
export const lambdaFunction = (asset: string, properties: Record<string, unknown> = {}): FixtureResource => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Code: { S3Bucket: 'assets', S3Key: `${asset}.zip` },
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Role: 'any',
    ...properties,
  },
});

/** A state machine resource with a definition. */
export const stateMachine = (name: string, definition: object, more: object = {}): FixtureResource => ({
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: {
    StateMachineName: name,
    RoleArn: 'any',
    DefinitionString: { 'Fn::Join': ['', [JSON.stringify(definition)]] },
    ...more,
  },
});

/** A route and its integration. */
export const route = (
  id: string,
  routeKey: string,
  fn: string,
  more: object = {},
): Record<string, FixtureResource> => ({
  [`${id}Integration`]: {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: {
      ApiId: { Ref: 'Api' },
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: { 'Fn::GetAtt': [fn, 'Arn'] },
      PayloadFormatVersion: '2.0',
    },
  },
  [id]: {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: { Ref: 'Api' },
      RouteKey: routeKey,
      Target: { 'Fn::Join': ['', ['integrations/', { Ref: `${id}Integration` }]] },
      ...more,
    },
  },
});

/** An HTTP API and its stage. */
export const httpApi = (stage: object = {}): Record<string, FixtureResource> => ({
  Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'fixture', ProtocolType: 'HTTP' } },
  Stage: {
    Type: 'AWS::ApiGatewayV2::Stage',
    Properties: { ApiId: { Ref: 'Api' }, StageName: '$default', AutoDeploy: true, ...stage },
  },
});

export const authorizer = (fn: string): FixtureResource => ({
  Type: 'AWS::ApiGatewayV2::Authorizer',
  Properties: {
    ApiId: { Ref: 'Api' },
    AuthorizerType: 'REQUEST',
    AuthorizerUri: {
      'Fn::Join': [
        '',
        [
          'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/',
          { 'Fn::GetAtt': [fn, 'Arn'] },
          '/invocations',
        ],
      ],
    },
    AuthorizerPayloadFormatVersion: '2.0',
    AuthorizerResultTtlInSeconds: 0,
    EnableSimpleResponses: true,
    IdentitySource: ['$request.header.Authorization'],
  },
});
