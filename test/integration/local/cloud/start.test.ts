import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { startCloud } from '../../../../local/cloud/cloud.ts';
import { PortTaken } from '../../../../local/cloud/errors.ts';
import { listen } from '../../../../local/cloud/ports.ts';
import { findRunningCloud } from '../../../../local/cloud/state-folder.ts';
import {
  lambdaFunction,
  route,
  stateMachine,
  temporaryFolder,
  writeAssembly,
} from '../../../support/cloud/assembly.ts';
import { clouds } from '../../../support/cloud/clouds.ts';
import { fixture, rule, table } from './cloud-support.ts';

const start = clouds();

describe('a start', () => {
  it('reports its endpoints, and the resources without effect', async () => {
    const Role = { Type: 'AWS::IAM::Role', Properties: { AnythingAtAll: true } };
    const stateFolder = await temporaryFolder();
    const notes = { purpose: 'a test' };
    const cloud = await start(fixture({ Role }), { stateFolder, notes });
    expect(cloud.outputs).toEqual({ Endpoint: cloud.apiEndpoint });
    expect(cloud.inert).toEqual([{ type: 'AWS::IAM::Role', logicalId: 'Role', reason: expect.any(String) }]);
    const { awsEndpoint, apiEndpoint } = cloud;
    const outputs = { Endpoint: apiEndpoint };
    const health = { stackName: 'Fixture', stateFolder, awsEndpoint, apiEndpoint, outputs, notes };
    expect(await (await fetch(`${awsEndpoint}/_health`)).json()).toEqual(health);
    expect(await findRunningCloud(stateFolder)).toEqual(health);
    await cloud.close();
    expect(await findRunningCloud(stateFolder)).toBeUndefined();
  });

  it('gives resources without effect the ARNs that they have on AWS', async () => {
    const attribute = (...path: string[]) => ({ Value: { 'Fn::GetAtt': path } });
    const cloud = await start({
      ...fixture({
        Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'app-role' } },
        Group: { Type: 'AWS::ResourceGroups::Group', Properties: { Name: 'app-group' } },
        Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmName: 'app-alarm' } },
      }),
      outputs: {
        Role: attribute('Role', 'Arn'),
        Group: { Value: { Ref: 'Group' } },
        GroupArn: attribute('Group', 'Arn'),
        Alarm: attribute('Alarm', 'Arn'),
      },
    });
    expect(cloud.outputs).toEqual({
      Role: 'arn:aws:iam::000000000000:role/app-role',
      Group: 'app-group',
      GroupArn: 'arn:aws:resource-groups:us-east-1:000000000000:group/app-group',
      Alarm: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:app-alarm',
    });
  });

  it.each(['aws', 'api'] as const)(
    'names the %s port that is in use, and leaves nothing behind',
    async (role) => {
      const taken = createServer();
      const port = await listen(taken, 0, role);
      const stateFolder = await temporaryFolder();
      const ports = { aws: 0, api: 0, [role]: port };
      const refusal = await start(fixture(), { stateFolder, ports }).catch((error: unknown) => error);
      taken.close();
      expect(refusal).toBeInstanceOf(PortTaken);
      expect(refusal).toMatchObject({ port, role });
      await start(fixture(), { stateFolder });
    },
  );

  it('refuses a second cloud on the same state folder', async () => {
    const stateFolder = await temporaryFolder();
    await start(fixture(), { stateFolder });
    await expect(start(fixture(), { stateFolder })).rejects.toMatchObject({ code: 'StateFolderInUse' });
  });

  it.each(['cloud.json', 'secrets.json'])('names a damaged %s', async (name) => {
    const stateFolder = await temporaryFolder();
    const file = path.join(stateFolder, name);
    await writeFile(file, '{"half":');
    await expect(start(fixture(), { stateFolder })).rejects.toThrow(`${file} is damaged.`);
  });

  it('refuses a state folder that is not writable', async () => {
    const stateFolder = path.join(await writeAssembly(fixture()), 'manifest.json');
    await expect(start(fixture(), { stateFolder })).rejects.toMatchObject({ code: 'StateFolderUnusable' });
  });

  it('names everything unknown in the template at once', async () => {
    const refused = start(
      fixture({
        Stream: { Type: 'AWS::Kinesis::Stream' },
        Table: {
          ...table('t'),
          Properties: { ...table('t').Properties, StreamSpecification: {}, BillingMode: 'PROVISIONED' },
        },
        Function: lambdaFunction('absent', { Layers: [] }),
        Broken: lambdaFunction('echo', { Environment: { Variables: { A: { 'Fn::ImportValue': 'x' } } } }),
      }),
    );
    await expect(refused).rejects.toMatchObject({
      code: 'TemplateUnsupported',
      faults: [
        'Stream: AWS::Kinesis::Stream is not supported here',
        expect.stringMatching(
          /^Table: AWS::DynamoDB::Table property BillingMode has a value that is not supported here/,
        ),
        'Table: AWS::DynamoDB::Table property StreamSpecification is not supported here',
        'Function: AWS::Lambda::Function property Layers is not supported here',
        'Broken: AWS::Lambda::Function property Environment: Fn::ImportValue is not supported here',
      ],
    });
  });

  it('names contradictions between resources', async () => {
    const refused = start(
      fixture({
        ...route('Get', 'GET /a', 'Echo', { AuthorizationType: 'CUSTOM', AuthorizerId: 'nobody' }),
        Machine: stateMachine('m', {
          StartAt: 'T',
          States: { T: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', End: true } },
        }),
        Rule: rule('cron(0 9 L * ? *)', 'Echo'),
        Function: lambdaFunction('absent'),
      }),
      { secrets: { typo: 'x' } },
    );
    await expect(refused).rejects.toMatchObject({
      faults: [
        'Function: AWS::Lambda::Function has no asset in the cloud assembly',
        expect.stringMatching(
          /^Machine: .* state T: Resource arn:aws:states:::sqs:sendMessage is not supported here/,
        ),
        expect.stringMatching(
          /^Rule: AWS::Events::Rule schedule cron\(0 9 L \* \? \*\) is not supported here/,
        ),
        'Get: AWS::ApiGatewayV2::Route has no authorizer',
        'a value was given for secret typo, which is not in the template',
      ],
    });
  });

  it('refuses a folder without an assembly', async () => {
    const assemblyFolder = await temporaryFolder();
    const options = {
      assemblyFolder,
      stateFolder: await temporaryFolder(),
      ports: { aws: 0, api: 0 },
      secrets: {},
    };
    await expect(startCloud(options)).rejects.toMatchObject({ code: 'AssemblyUnreadable' });
  });

  it('hides generated secrets from other users of the machine', async () => {
    const stateFolder = await temporaryFolder();
    const Secret = {
      Type: 'AWS::SecretsManager::Secret',
      Properties: { Name: 's', GenerateSecretString: {} },
    };
    await start(fixture({ Secret }), { stateFolder });
    const file = path.join(stateFolder, 'secrets.json');
    const { mode } = await stat(file);
    expect(mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ s: expect.stringMatching(/^.{32}$/) });
  });
});
